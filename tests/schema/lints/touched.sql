-- updated_at is kept true by a trigger, whoever writes.
-- allow app.sign_in_attempts: written by sidecar.begin_sign_in alone, which sets it
-- catches: create table app.lint (updated_at timestamptz)
-- catches: alter table app.pets disable trigger pets_100_touch
select a.attrelid::regclass::text as object, 'has updated_at, but no trigger that keeps it' as problem
from pg_attribute a
join pg_class c on c.oid = a.attrelid
where c.relnamespace = 'app'::regnamespace
  and c.relkind in ('r', 'p')
  and a.attname = 'updated_at'
  and not exists (
      select from pg_trigger t
      where t.tgrelid = a.attrelid and t.tgenabled in ('O', 'A')
        and t.tgfoid in ('app.tg__touch()'::regprocedure, 'app.tg__version()'::regprocedure)
  )
