-- No SET clause here and in the helpers below: they must be inlined into policies and queries.
create or replace function app.claims()
returns jsonb
language sql
stable
parallel safe
as $$
    select nullif(current_setting('request.jwt.claims', true), '')::jsonb
$$;

comment on function app.claims() is 'The claims of the caller''s access token; null when nobody is signed in.';
grant execute on function app.claims() to anon, app_user, app_doctor, app_admin, sidecar, job_runner;
