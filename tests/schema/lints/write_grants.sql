-- A caller's INSERT or UPDATE is granted column by column, so that a new column is closed until somebody opens it.
-- catches: grant update on app.pets to app_user
-- catches: grant insert on app.pets to app_admin
select
    c.oid::regclass::text as object,
    a.privilege_type || ' is granted on all columns to ' || a.grantee::regrole as problem
from pg_class c, aclexplode(c.relacl) a
where c.relnamespace in ('app'::regnamespace, 'api'::regnamespace, 'sidecar'::regnamespace)
  and c.relkind in ('r', 'p', 'v')
  and a.grantee not in (0, 'app_owner'::regrole)
  and a.privilege_type in ('INSERT', 'UPDATE', 'TRUNCATE', 'TRIGGER', 'REFERENCES')
