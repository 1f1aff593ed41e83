-- The hash that was checked comes back with the new one, and the person is locked before it is compared, as in
-- sidecar.sign_in: of two changes at once only one succeeds, and none undoes a reset by an admin or comes after the end
-- of the account.
create or replace function sidecar.change_password(
    user_id uuid,
    password_hash text,
    refresh_ttl interval,
    checked_password_hash text default null
)
returns sidecar.session_grant
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform from app.users u where u.id = change_password.user_id and u.is_active for no key update;
    if not found then
        return null;
    end if;
    update app.credentials c set password_hash = change_password.password_hash
    where c.user_id = change_password.user_id
      and c.password_hash = coalesce(checked_password_hash, c.password_hash);
    if not found then
        return null;
    end if;
    perform app.revoke_sessions(user_id);
    perform app.audit('PASSWORD_CHANGED', 'user', user_id, '{}', user_id);
    return app.open_session(user_id, refresh_ttl);
end
$$;

comment on function sidecar.change_password(uuid, text, interval, text) is
    'Stores the new hash, ends every session of the person, and opens a new one for the caller. All null when the password
is not the one of the checked hash any more, or the account is closed; null, as sidecars of before give, is not compared.';
grant execute on function sidecar.change_password(uuid, text, interval, text) to sidecar;
