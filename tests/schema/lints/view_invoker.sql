-- A view without security_invoker reads as its owner, past the caller's policies.
-- catches: create view api.lint as select p.id from app.pets p
select c.oid::regclass::text as object, 'is not security_invoker' as problem
from pg_class c
where c.relkind in ('v', 'm')
  and c.relnamespace in ('app'::regnamespace, 'api'::regnamespace, 'sidecar'::regnamespace)
  and not coalesce('security_invoker=true' = any (c.reloptions), false)
