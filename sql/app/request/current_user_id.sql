create or replace function app.current_user_id()
returns uuid
language sql
stable
parallel safe
as $$
    select (app.claims() ->> 'sub')::uuid
$$;

comment on function app.current_user_id() is 'The signed-in person''s id; null for the system and for anonymous callers.';
grant execute on function app.current_user_id() to anon, app_user, app_doctor, app_admin, sidecar, job_runner;
