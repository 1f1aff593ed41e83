-- Everything belongs to app_owner: the owner decides what SECURITY DEFINER may do.
-- catches: create table app.lint (id integer); alter table app.lint owner to app_admin
-- catches: alter function api.hold_slot(uuid, timestamptz) owner to postgres
-- catches: alter schema api owner to postgres
select c.oid::regclass::text as object, 'belongs to ' || c.relowner::regrole as problem
from pg_class c
where c.relnamespace in ('app'::regnamespace, 'api'::regnamespace, 'sidecar'::regnamespace)
  and c.relowner <> 'app_owner'::regrole
union all
select p.oid::regprocedure::text, 'belongs to ' || p.proowner::regrole
from pg_proc p
where p.pronamespace in ('app'::regnamespace, 'api'::regnamespace, 'sidecar'::regnamespace)
  and p.proowner <> 'app_owner'::regrole
union all
select t.oid::regtype::text, 'belongs to ' || t.typowner::regrole
from pg_type t
where t.typnamespace in ('app'::regnamespace, 'api'::regnamespace, 'sidecar'::regnamespace)
  and t.typowner <> 'app_owner'::regrole
union all
select n.nspname, 'belongs to ' || n.nspowner::regrole
from pg_namespace n
where n.nspname in ('app', 'api', 'sidecar', 'yoyo')
  and n.nspowner <> 'app_owner'::regrole
