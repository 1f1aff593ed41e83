create or replace function sidecar.change_password(user_id uuid, password_hash text, refresh_ttl interval)
returns sidecar.session_grant
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.credentials c set password_hash = change_password.password_hash
    where c.user_id = change_password.user_id;
    perform app.revoke_sessions(user_id);
    perform app.audit('PASSWORD_CHANGED', 'user', user_id, '{}', user_id);
    return app.open_session(user_id, refresh_ttl);
end
$$;

comment on function sidecar.change_password(uuid, text, interval) is
    'Stores the new hash, ends every session of the person, and opens a new one for the caller.';
grant execute on function sidecar.change_password(uuid, text, interval) to sidecar;
