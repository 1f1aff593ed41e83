-- Nothing is granted to PUBLIC: neither relations nor schemas.
-- catches: grant select on app.pets to public
-- catches: grant select (name) on app.pets to public
-- catches: grant usage on schema api to public
select c.oid::regclass::text as object, 'is granted to PUBLIC' as problem
from pg_class c
where c.relnamespace in ('app'::regnamespace, 'api'::regnamespace, 'sidecar'::regnamespace)
  and c.relkind in ('r', 'p', 'v', 'm', 'S')
  and (exists (select from aclexplode(c.relacl) a where a.grantee = 0)
       or exists (
           select from pg_attribute t, aclexplode(t.attacl) a where t.attrelid = c.oid and a.grantee = 0
       ))
union all
select n.nspname, 'is granted to PUBLIC'
from pg_namespace n
where n.nspname in ('app', 'api', 'sidecar', 'yoyo', 'public')
  and exists (select from aclexplode(n.nspacl) a where a.grantee = 0)
