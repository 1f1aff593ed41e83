-- An anonymous caller sees nothing: what anon may execute is listed here, each with its reason.
-- allow app.check_request(): PostgREST calls it before every request
-- allow app.claims(): says what the caller's own token says
-- allow app.current_user_id(): says what the caller's own token says
-- allow app.request_header(text): says what the caller's own request says
-- catches: grant select on api.me to anon
-- catches: grant execute on function api.hold_slot(uuid, timestamptz) to anon
select p.oid::regprocedure::text as object, 'is executable by anon' as problem
from pg_proc p
where p.pronamespace in ('app'::regnamespace, 'api'::regnamespace, 'sidecar'::regnamespace)
  and has_function_privilege('anon', p.oid, 'execute')
union all
select c.oid::regclass::text, 'is open to anon'
from pg_class c
where c.relnamespace in ('app'::regnamespace, 'api'::regnamespace, 'sidecar'::regnamespace)
  and c.relkind in ('r', 'p', 'v', 'm', 'S')
  and (exists (select from aclexplode(c.relacl) a where a.grantee = 'anon'::regrole)
       or exists (
           select from pg_attribute t, aclexplode(t.attacl) a
           where t.attrelid = c.oid and a.grantee = 'anon'::regrole
       ))
