-- Functions are executable by everybody unless that is revoked; roles are named instead.
-- catches: grant execute on function api.hold_slot(uuid, timestamptz) to public
-- catches: alter default privileges grant execute on functions to public; create function app.lint() returns integer language sql return 1
select p.oid::regprocedure::text as object, 'is executable by PUBLIC' as problem
from pg_proc p
where p.pronamespace in ('app'::regnamespace, 'api'::regnamespace, 'sidecar'::regnamespace)
  and has_function_privilege('public', p.oid, 'execute')
