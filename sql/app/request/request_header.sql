-- Only headers that nginx sets itself reach the database (x-request-id, x-real-ip): nothing here decides anything.
create or replace function app.request_header(name text)
returns text
language sql
stable
parallel safe
as $$
    select nullif(current_setting('request.headers', true), '')::jsonb ->> name
$$;

comment on function app.request_header(text) is 'A header of the request, by its lower-case name; null outside a request.';
grant execute on function app.request_header(text) to anon, app_user, app_doctor, app_admin, sidecar, job_runner;
