-- Every row can be named.
-- catches: create table app.lint (id integer)
select c.oid::regclass::text as object, 'has no primary key' as problem
from pg_class c
where c.relnamespace = 'app'::regnamespace
  and c.relkind in ('r', 'p')
  and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'p')
