-- The ledger (amounts, references, times) and the audit trail stay, of somebody who can't be told any more. A payment of
-- theirs that still turns out to be paid gets its refund row as ever. From the lock of the person on nothing new begins
-- (app.lock_account).
create or replace function app.erase_person(user_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_consultation_ids uuid[];
    v_person app.users;
begin
    v_consultation_ids := array(
        select c.id from app.consultations c
        where c.user_id = erase_person.user_id order by c.id for no key update);
    select u.* into v_person from app.users u
    where u.id = erase_person.user_id and u.erased_at is null for no key update;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such person.');
    end if;
    perform app.require_erasable(v_person, v_consultation_ids);
    update app.consultations c set status = 'CANCELED'
    where c.id = any (v_consultation_ids) and c.status in ('DRAFT', 'DETAILS_SUBMITTED');
    perform app.clear_consultations(v_consultation_ids);
    perform app.close_upload(u.id, 'UNUSED')
    from (
        select o.id from app.uploads o
        where o.owner_user_id = v_person.id and o.used_at is null order by o.object_key for no key update) u;
    update app.pets p
    set name = '—', breed = null, birth_date = null, neutered = null, gender = 'UNKNOWN',
        deleted_at = coalesce(p.deleted_at, clock_timestamp())
    where p.user_id = v_person.id;
    update app.payments p set card_pan = null, raw_request = null, raw_response = null where p.user_id = v_person.id;
    delete from app.sms_messages m where m.id = any (array(select o.id from app.messages_of(v_person.id) o));
    delete from app.notifications n where n.user_id = v_person.id;
    delete from app.sign_in_attempts s where s.mobile = v_person.mobile;
    delete from app.credentials c where c.user_id = v_person.id;
    perform app.revoke_sessions(v_person.id);
    update app.users u
    set name = '—', mobile = 'erased-' || u.id, is_active = false, last_login_at = null, erased_at = clock_timestamp()
    where u.id = v_person.id;
    perform app.audit('USER_ERASED', 'user', v_person.id);
end
$$;

comment on function app.erase_person(uuid) is
    'Forgets who a person is and what they said; their sessions end at once. NOT_FOUND, CONFLICT (with the reasons).';
