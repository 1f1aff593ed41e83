-- forget people and tell them as they are now
-- depends: 0031_change_a_password_that_is_still_the_one_checked

-- from sql/app/identity/lock_account.sql
-- Against being forgotten at the same moment (app.erase_person): what a person begins is either seen by who erases them,
-- or refused here. Somebody's other requests wait no longer than for one that changes their account.
create or replace function app.lock_account()
returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_user_id uuid;
begin
    select u.id into v_user_id from app.users u where u.id = app.current_user_id() and u.is_active for share;
    if not found then
        perform app.fail('UNAUTHENTICATED', 'This session has ended. Sign in again.');
    end if;
    return v_user_id;
end
$$;

comment on function app.lock_account() is
    'Locks the signed-in person''s account, which must be open still; gives their id. UNAUTHENTICATED.';
-- end of sql/app/identity/lock_account.sql

-- from sql/app/sms/messages_of.sql
-- By what they are about and not by their number: a person's number changes, and the old one may be somebody else's by
-- now. Every subject begins with the id of an appointment or a payment.
create or replace function app.messages_of(user_id uuid)
returns setof app.sms_messages
language sql
stable
set search_path = ''
as $$
    select m.*
    from app.sms_messages m
    where split_part(m.subject, ':', 1) = any (array(
        select a.id::text from app.appointments a where a.user_id = messages_of.user_id
        union all
        select p.id::text from app.payments p where p.user_id = messages_of.user_id))
$$;

comment on function app.messages_of(uuid) is 'The text messages that were written to the person, whatever their number was.';
-- end of sql/app/sms/messages_of.sql

-- from sql/app/identity/change_user.sql
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
-- end of sql/app/identity/change_user.sql

-- from sql/api/create_pet.sql
create or replace function api.create_pet(
    type app.pet_type default null,
    name text default null,
    breed text default null,
    gender app.pet_gender default 'UNKNOWN',
    neutered boolean default null,
    birth_date date default null
)
returns api.pets
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_pet_id uuid;
    v_result api.pets;
begin
    perform app.check_pet(type, name, breed, birth_date);
    insert into app.pets as p (user_id, type, name, breed, gender, neutered, birth_date)
    values (app.lock_account(), create_pet.type, btrim(create_pet.name), app.said(create_pet.breed),
            coalesce(create_pet.gender, 'UNKNOWN'), create_pet.neutered, create_pet.birth_date)
    returning p.id into v_pet_id;
    perform app.audit('PET_CREATED', 'pet', v_pet_id);
    select p.* into v_result from api.pets p where p.id = v_pet_id;
    return v_result;
end
$$;

comment on function api.create_pet(app.pet_type, text, text, app.pet_gender, boolean, date) is
E'Register a pet\n\nGives the pet. type and name are required; gender is UNKNOWN when not given; birth_date is a Gregorian
date. VALIDATION_FAILED. For owners.';
grant execute on function api.create_pet(app.pet_type, text, text, app.pet_gender, boolean, date) to app_user;
-- end of sql/api/create_pet.sql

-- from sql/api/create_consultation.sql
create or replace function api.create_consultation(
    pet_id uuid default null,
    type app.consultation_type default 'SPECIALIST'
)
returns api.consultations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_pet app.pets;
    v_id uuid;
begin
    perform app.fail_validation(jsonb_build_object('pet_id', case when pet_id is null then 'Give the pet''s id.' end));
    perform app.lock_account();
    v_pet := app.lock_own_pet(pet_id);  -- against a deletion of the pet at the same moment
    insert into app.consultations as c (user_id, pet_id, type, base_price_toman)
    select v_pet.user_id, v_pet.id, coalesce(create_consultation.type, 'SPECIALIST'), s.price_toman
    from app.system_config s
    returning c.id into v_id;
    return app.show_consultation(v_id);
end
$$;

comment on function api.create_consultation(uuid, app.consultation_type) is
E'Begin a consultation\n\nA DRAFT for one of the caller''s pets, at today''s price. Gives the consultation. NOT_FOUND,
VALIDATION_FAILED. For owners.';
grant execute on function api.create_consultation(uuid, app.consultation_type) to app_user;
-- end of sql/api/create_consultation.sql

-- An argument more. Nobody but app.erase_person calls it, which comes in the same transaction.
-- squawk-ignore ban-drop-function
drop function app.require_erasable(app.users);

-- from sql/app/privacy/require_erasable.sql
-- A person with whom something is still going on can't be forgotten: the reasons are what an admin has to end first.
create or replace function app.require_erasable(person app.users, consultation_ids uuid[])
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
    v_reasons text[];
begin
    select array_agg(r.reason order by r.reason) into v_reasons
    from (values
        ('IS_STAFF', (person).role <> 'USER'),
        ('BUSY', exists (
            select from app.consultations c where c.user_id = (person).id and c.id <> all (consultation_ids))),
        ('LIVE_APPOINTMENT', exists (
            select from app.appointments a
            where a.user_id = (person).id and a.status in ('HELD', 'CONFIRMED'))),
        ('OPEN_PAYMENT', exists (
            select from app.payments p where p.user_id = (person).id and p.status in ('INITIATED', 'PENDING'))),
        ('PAID_WITHOUT_SLOT', exists (
            select from app.consultations c where c.user_id = (person).id and c.status = 'PAID')),
        ('REFUND_DUE', exists (
            select from app.refunds r join app.payments p on p.id = r.payment_id
            where p.user_id = (person).id and r.status = 'DUE'))
    ) r (reason, applies)
    where r.applies;
    if v_reasons is not null then
        perform app.fail('CONFLICT', 'Something is still going on with this person.',
                         jsonb_build_object('reasons', v_reasons));
    end if;
end
$$;

comment on function app.require_erasable(app.users, uuid[]) is
    'Refuses with CONFLICT, and the reasons, unless the locked person is an owner with whom nothing is going on, and these
are all of their consultations (BUSY: one was begun while the others were being locked).';
-- end of sql/app/privacy/require_erasable.sql

-- from sql/app/privacy/erase_person.sql
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
-- end of sql/app/privacy/erase_person.sql

-- from sql/app/privacy/person_record.sql
-- Rows as they are, but for what is ours and not about the person: secrets of callbacks, leases, keys of objects.
create or replace function app.person_record(user_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'user', to_jsonb(u) - 'search_words',
        'sessions', (
            select jsonb_agg(jsonb_build_object('created_at', s.created_at, 'revoked_at', s.revoked_at) order by s.id)
            from app.sessions s where s.user_id = u.id),
        'pets', (select jsonb_agg(to_jsonb(p) order by p.id) from app.pets p where p.user_id = u.id),
        'consultations', (
            select jsonb_agg(to_jsonb(c) - 'version' order by c.id) from app.consultations c where c.user_id = u.id),
        'appointments', (
            select jsonb_agg(to_jsonb(a) - array['lane', 'slot_capacity', 'version', 'assignment_reason'] order by a.id)
            from app.appointments a where a.user_id = u.id),
        'media', (
            select jsonb_agg(to_jsonb(m) - 'object_key' order by m.id) from app.media m where m.owner_user_id = u.id),
        'payments', (
            select jsonb_agg(to_jsonb(p) - array['nonce', 'settle_token', 'settle_until', 'settle_attempts',
                                                 'next_inquiry_at'] order by p.id)
            from app.payments p where p.user_id = u.id),
        'refunds', (
            select jsonb_agg(to_jsonb(r) - array['settle_token', 'settle_until'] order by r.id)
            from app.refunds r join app.payments p on p.id = r.payment_id where p.user_id = u.id),
        'notifications', (
            select jsonb_agg(to_jsonb(n) - 'transaction_id' order by n.id)
            from app.notifications n where n.user_id = u.id),
        'sms_messages', (
            select jsonb_agg(to_jsonb(m) - 'claimed_by' order by m.id)
            from app.messages_of(u.id) m),
        'audit_log', (
            select jsonb_agg(to_jsonb(l) order by l.id) from app.audit_log l where l.actor_user_id = u.id))
    from app.users u
    where u.id = person_record.user_id
$$;

comment on function app.person_record(uuid) is
    'All that is stored about a person, table by table (null for no rows); null when there is no such person.';
-- end of sql/app/privacy/person_record.sql

-- from sql/api/erase_user.sql
create or replace function api.erase_user(user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.erase_person(user_id);
end
$$;

comment on function api.erase_user(uuid) is
E'Erase an owner\n\nOn the person''s request, and for good: name, mobile, password, texts, files, messages and pets'' names
are gone, all sessions end, the mobile may register anew. Payments and the audit trail stay, anonymous. NOT_FOUND; CONFLICT
while something is going on (reasons: IS_STAFF, LIVE_APPOINTMENT, OPEN_PAYMENT, PAID_WITHOUT_SLOT, REFUND_DUE, or BUSY: they
have just begun something, try again). For admins.';
grant execute on function api.erase_user(uuid) to app_admin;
-- end of sql/api/erase_user.sql

-- from sql/app/sms/outdate_sms.sql
-- What waits still, for a provider that is down or to be tried again, tells of a time that is none any more. Sent after
-- the news, it would be what the owner believes. What is being sent at this moment is left to whoever sends it.
create or replace function app.outdate_sms(appointment_id uuid, event text, subject text)
returns void
language sql
set search_path = ''
as $$
    update app.sms_messages m set expires_at = clock_timestamp()
    where m.id = any (array(
        select q.id from app.sms_messages q
        where q.status = 'QUEUED' and split_part(q.subject, ':', 1) = appointment_id::text
          and (q.event, q.subject) <> (outdate_sms.event, outdate_sms.subject)
        for no key update skip locked))
$$;

comment on function app.outdate_sms(uuid, text, text) is
    'Makes what was written about the appointment before this message, and was not sent, no longer worth sending.';
-- end of sql/app/sms/outdate_sms.sql

-- from sql/app/sms/queue_moved_sms.sql
-- The subject includes the appointment's version, so that a second move sends a second message.
create or replace function app.queue_moved_sms(appointment app.appointments, previous_start_at timestamptz)
returns boolean
language sql
set search_path = ''
as $$
    select app.outdate_sms(appointment.id, 'APPOINTMENT_MOVED', appointment.id || ':' || appointment.version);
    select app.queue_sms(
        appointment.user_id, 'APPOINTMENT_MOVED', appointment.id || ':' || appointment.version,
        app.render_sms(c.sms_moved_template, appointment.consultation_id, appointment.start_at, previous_start_at))
    from app.system_config c
$$;

comment on function app.queue_moved_sms(app.appointments, timestamptz) is
    'Queues the news that an appointment (as it is now) was moved, once per version of it.';
-- end of sql/app/sms/queue_moved_sms.sql

-- from sql/app/sms/queue_canceled_sms.sql
create or replace function app.queue_canceled_sms(appointment app.appointments)
returns boolean
language sql
set search_path = ''
as $$
    select app.outdate_sms(appointment.id, 'APPOINTMENT_CANCELED', appointment.id::text);
    select app.queue_sms(
        appointment.user_id, 'APPOINTMENT_CANCELED', appointment.id::text,
        app.render_sms(c.sms_canceled_template, appointment.consultation_id, appointment.start_at))
    from app.system_config c
$$;

comment on function app.queue_canceled_sms(app.appointments) is
    'Queues the news that an appointment was canceled; it can''t be twice.';
-- end of sql/app/sms/queue_canceled_sms.sql
