create or replace function app.change_user(
    user_id uuid,
    name text,
    mobile text,
    is_active boolean,
    password_hash text default null
)
returns api.admin_users
language plpgsql
set search_path = ''
as $$
declare
    v_result api.admin_users;
begin
    perform app.fail_validation(jsonb_build_object(
        'name', case when name is not null then app.name_fault(name) end,
        'mobile', case when mobile is not null then app.mobile_fault(mobile) end));
    -- Before the person, for once: who gives the doctor a call meanwhile has the doctors, and tells the person of it.
    perform app.lock_doctors() from app.doctors d where d.user_id = change_user.user_id and not change_user.is_active;
    update app.users u
    set name = coalesce(btrim(change_user.name), u.name),
        mobile = coalesce(app.normalize_mobile(change_user.mobile), u.mobile),
        is_active = coalesce(change_user.is_active, u.is_active)
    where u.id = change_user.user_id and u.erased_at is null;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such person.');
    end if;
    if mobile is not null then  -- what is not sent yet goes to the new number: the old one may be anybody's
        update app.sms_messages m set recipient = app.normalize_mobile(change_user.mobile)
        where m.id = any (array(
            select q.id from app.sms_messages q
            where q.status = 'QUEUED' and q.id in (select o.id from app.messages_of(change_user.user_id) o)
            for no key update skip locked));
    end if;
    if password_hash is not null then
        update app.credentials c set password_hash = change_user.password_hash where c.user_id = change_user.user_id;
        perform app.revoke_sessions(user_id);
        perform app.audit('PASSWORD_RESET', 'user', user_id);
    end if;
    select u.* into strict v_result from api.admin_users u where u.id = change_user.user_id;
    return v_result;
exception when unique_violation then
    perform app.fail_taken_mobile();
end
$$;

comment on function app.change_user(uuid, text, text, boolean, text) is
    'Changes what is not null of a person; a new password ends every session of theirs, and so does deactivation. Gives the
person. NOT_FOUND, VALIDATION_FAILED, CONFLICT, INVALID_STATE (the last active admin).';
