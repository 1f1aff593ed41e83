create or replace function sidecar.register(name text, mobile text, password_hash text, refresh_ttl interval)
returns sidecar.session_grant
language sql
security definer
set search_path = ''
as $$
    select app.open_session(app.create_user('USER', name, mobile, password_hash), refresh_ttl)
$$;

comment on function sidecar.register(text, text, text, interval) is
    'Makes a pet owner and signs them in. VALIDATION_FAILED, CONFLICT.';
grant execute on function sidecar.register(text, text, text, interval) to sidecar;
