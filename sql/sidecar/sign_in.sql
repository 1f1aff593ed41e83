-- The hash that was checked comes back with the sign-in: a password that was changed in between is not overwritten, and
-- its old one opens nothing. The person is locked, too: a session that begins while the account is closed would come to
-- life when it is opened again.
create or replace function sidecar.sign_in(
    user_id uuid,
    checked_password_hash text,
    refresh_ttl interval,
    new_password_hash text default null
)
returns sidecar.session_grant
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform from app.users u where u.id = sign_in.user_id and u.is_active for no key update;
    if not found then
        return null;
    end if;
    perform from app.credentials c
    where c.user_id = sign_in.user_id and c.password_hash = checked_password_hash
    for no key update;
    if not found then
        return null;
    end if;
    update app.credentials c set password_hash = new_password_hash
    where c.user_id = sign_in.user_id and new_password_hash is not null;
    return app.open_session(user_id, refresh_ttl);
end
$$;

comment on function sidecar.sign_in(uuid, text, interval, text) is
    'Signs in a person whose password the sidecar has checked against that hash; stores the rehashed password when there
is one. All null when the password is another by now, or the account is closed.';
grant execute on function sidecar.sign_in(uuid, text, interval, text) to sidecar;
