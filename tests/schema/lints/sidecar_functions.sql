-- Schema sidecar is for the sidecar's login alone: no caller of PostgREST may settle a payment.
-- catches: grant execute on function sidecar.password_hash(uuid) to app_user
select p.oid::regprocedure::text as object, 'is executable by ' || a.grantee::regrole as problem
from pg_proc p, aclexplode(p.proacl) a
where p.pronamespace = 'sidecar'::regnamespace
  and a.grantee not in ('app_owner'::regrole, 'sidecar'::regrole)
union all
select p.oid::regprocedure::text, 'is not executable by sidecar'
from pg_proc p
where p.pronamespace = 'sidecar'::regnamespace
  and not has_function_privilege('sidecar', p.oid, 'execute')
