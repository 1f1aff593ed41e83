-- Every table has row-level security, and it binds the owner too (FORCE): without it, a function that forgets a
-- condition sees everybody's rows.
-- catches: create table app.lint (id integer); alter table app.lint enable row level security
-- catches: alter table app.pets no force row level security
-- catches: alter table app.pets disable row level security
select c.oid::regclass::text as object, 'row-level security is not enabled and forced' as problem
from pg_class c
where c.relkind in ('r', 'p')
  and c.relnamespace in ('app'::regnamespace, 'api'::regnamespace, 'sidecar'::regnamespace)
  and not (c.relrowsecurity and c.relforcerowsecurity)
