-- The session row is the lock: two tabs that refresh at once come one after the other. A used token within the grace
-- is a lost answer or a second tab, and gets the session's unused token; later it is theft, and the session dies. That
-- must survive, so the refusal is an answer and not an exception.
create or replace function sidecar.rotate_refresh_token(session_id uuid, token_id uuid, refresh_ttl interval)
returns sidecar.session_grant
language plpgsql
security definer
set search_path = ''
as $$
declare
    c_grace constant interval := '10 seconds';
    v_session app.sessions;
    v_used_at timestamptz;
    v_new_id uuid;
begin
    select s.* into v_session from app.sessions s
    join app.users u on u.id = s.user_id and u.is_active
    where s.id = rotate_refresh_token.session_id and s.revoked_at is null and s.expires_at > clock_timestamp()
    for no key update of s;
    if not found then
        return null;
    end if;
    select t.used_at into v_used_at from app.refresh_tokens t
    where t.id = token_id and t.session_id = v_session.id;
    if not found then
        return null;
    elsif v_used_at is null then
        update app.refresh_tokens t set used_at = clock_timestamp() where t.id = token_id;
        insert into app.refresh_tokens as t (session_id) values (v_session.id) returning t.id into v_new_id;
        update app.sessions s set expires_at = clock_timestamp() + refresh_ttl where s.id = v_session.id;
    elsif v_used_at > clock_timestamp() - c_grace then
        select t.id into v_new_id from app.refresh_tokens t where t.session_id = v_session.id and t.used_at is null;
    else
        perform app.revoke_session(v_session.id);
        perform app.audit('REFRESH_REUSED', 'session', v_session.id, '{}', v_session.user_id);
        return null;
    end if;
    return app.session_grant(v_session.id, v_new_id);
end
$$;

comment on function sidecar.rotate_refresh_token(uuid, uuid, interval) is
    'Uses up a refresh token and gives the next one; all null when refused. Commit either way.';
grant execute on function sidecar.rotate_refresh_token(uuid, uuid, interval) to sidecar;
