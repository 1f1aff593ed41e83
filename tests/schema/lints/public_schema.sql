-- Schema public stays empty: everything has a schema that says who it is for.
-- catches: set local role postgres; create table public.lint (id integer)
-- catches: set local role postgres; create function public.lint() returns integer language sql return 1
select c.oid::regclass::text as object, 'is in schema public' as problem
from pg_class c
where c.relnamespace = 'public'::regnamespace
union all
select p.oid::regprocedure::text, 'is in schema public'
from pg_proc p
where p.pronamespace = 'public'::regnamespace
