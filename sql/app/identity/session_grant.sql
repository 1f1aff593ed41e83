create or replace function app.session_grant(session_id uuid, refresh_token_id uuid)
returns sidecar.session_grant
language sql
stable
set search_path = ''
as $$
    select row(u.id, u.role::text, app.database_role(u.role), u.name, u.mobile, s.id, refresh_token_id, s.expires_at)
        ::sidecar.session_grant
    from app.sessions s
    join app.users u on u.id = s.user_id
    where s.id = session_grant.session_id
$$;

comment on function app.session_grant(uuid, uuid) is 'The session as the sidecar needs it, with this refresh token.';
