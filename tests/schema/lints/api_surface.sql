-- Schema api holds views and functions only, and no two functions of one name: PostgREST chooses among overloads by the
-- names of the arguments, which a client can't see.
-- catches: create table api.lint (id integer)
-- catches: create function api.hold_slot(consultation_id uuid) returns integer language sql return 1
select c.oid::regclass::text as object, 'is not a view' as problem
from pg_class c
where c.relnamespace = 'api'::regnamespace and c.relkind <> 'v'
union all
select 'api.' || p.proname, 'is overloaded'
from pg_proc p
where p.pronamespace = 'api'::regnamespace
group by p.proname
having count(*) > 1
