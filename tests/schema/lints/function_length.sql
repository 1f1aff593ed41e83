-- A function that is longer than a screen does more than one thing.
-- catches: do $do$ begin execute format('create function app.lint() returns integer language sql as %L', repeat(E'\n', 60) || 'select 1'); end $do$
select p.oid::regprocedure::text as object, format('has %s lines', count(*)) as problem
from pg_proc p, string_to_table(btrim(pg_get_functiondef(p.oid), E' \n'), E'\n')
where p.pronamespace in ('app'::regnamespace, 'api'::regnamespace, 'sidecar'::regnamespace)
group by p.oid
having count(*) > 50
