-- PostgREST's OpenAPI text and the reader of \d+ have nothing but the comments.
-- catches: comment on view api.pets is null
-- catches: create function api.lint() returns integer language sql return 1
select c.oid::regclass::text as object, 'has no comment' as problem
from pg_class c
where c.relnamespace = 'api'::regnamespace and c.relkind in ('v', 'm') and obj_description(c.oid, 'pg_class') is null
union all
select p.oid::regprocedure::text, 'has no comment'
from pg_proc p
where p.pronamespace = 'api'::regnamespace and obj_description(p.oid, 'pg_proc') is null
