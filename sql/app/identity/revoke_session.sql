create or replace function app.revoke_session(session_id uuid)
returns void
language sql
set search_path = ''
as $$
    update app.sessions s set revoked_at = clock_timestamp() where s.id = session_id and s.revoked_at is null
$$;

comment on function app.revoke_session(uuid) is 'Ends one session, at once.';
