create or replace function app.open_session(user_id uuid, refresh_ttl interval)
returns sidecar.session_grant
language plpgsql
set search_path = ''
as $$
declare
    v_session_id uuid;
    v_token_id uuid;
begin
    insert into app.sessions as s (user_id, expires_at)
    values (open_session.user_id, clock_timestamp() + refresh_ttl)
    returning s.id into v_session_id;
    insert into app.refresh_tokens as t (session_id) values (v_session_id) returning t.id into v_token_id;
    update app.users u set last_login_at = clock_timestamp() where u.id = open_session.user_id;
    perform app.audit('USER_LOGGED_IN', 'user', open_session.user_id,
                      jsonb_build_object('session_id', v_session_id), open_session.user_id);
    return app.session_grant(v_session_id, v_token_id);
end
$$;

comment on function app.open_session(uuid, interval) is 'Signs a person in: a session and its first refresh token.';
