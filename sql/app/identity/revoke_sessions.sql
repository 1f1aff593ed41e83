create or replace function app.revoke_sessions(user_id uuid)
returns void
language sql
set search_path = ''
as $$
    update app.sessions s set revoked_at = clock_timestamp()
    where s.user_id = revoke_sessions.user_id and s.revoked_at is null
$$;

comment on function app.revoke_sessions(uuid) is 'Ends every session of the person, at once.';
