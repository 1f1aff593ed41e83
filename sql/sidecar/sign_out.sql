create or replace function sidecar.sign_out(session_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.revoke_session(session_id);
    perform app.audit('USER_LOGGED_OUT', 'session', session_id, '{}', s.user_id)
    from app.sessions s where s.id = sign_out.session_id;
end
$$;

comment on function sidecar.sign_out(uuid) is 'Ends the session at once; an unknown or ended one is no error.';
grant execute on function sidecar.sign_out(uuid) to sidecar;
