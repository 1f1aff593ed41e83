-- refuse texts that show nothing
-- depends: 0025_tell_of_hours_before_slots
-- Each constraint comes back stricter at once.
-- squawk-ignore-file ban-drop-constraint

-- from sql/app/text/content_length.sql
-- A text may be long and still say nothing: to a reader, spaces and what is never shown (joiners, marks of direction,
-- fillers, tags) are nothing. They stay in what is stored, since Persian and emoji need them inside of words. Listed, and
-- not asked of the locale (\s), as in app.search_form; most are Unicode's Default_Ignorable_Code_Point.
create or replace function app.content_length(said text)
returns integer
language sql
immutable
parallel safe
set search_path = ''
as $$
    select length(btrim(regexp_replace(said,
        '[\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f'
        '\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3'
        '\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+', ' ', 'g')))
$$;

comment on function app.content_length(text) is
    'How many characters of a text there are to read: spaces and invisible ones count as one between others, else not.';
-- end of sql/app/text/content_length.sql

-- from sql/app/text/said.sql
create or replace function app.said(typed text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case when app.content_length(typed) > 0 then btrim(typed) end
$$;

comment on function app.said(text) is 'The text without the spaces around it; null when there is nothing to read in it.';
-- end of sql/app/text/said.sql

-- While they are valid still, so that each can be mended by itself.
update app.system_config c set sms_slot_lost_template = default where app.content_length(c.sms_slot_lost_template) = 0;
update app.system_config c set sms_moved_template = default where app.content_length(c.sms_moved_template) = 0;
update app.system_config c set sms_canceled_template = default where app.content_length(c.sms_canceled_template) = 0;
update app.system_config c set sms_reminder_template = default where app.content_length(c.sms_reminder_template) = 0;

-- from sql/app/sms/is_sms_template.sql
-- Checked when a template is saved, because it is used when money has just been proved: a message that is then too long
-- would fail the settlement. So the template is filled with the longest values there are.
create or replace function app.is_sms_template(template text, is_move boolean default false)
returns boolean
language sql
immutable
strict
set search_path = ''
as $$
    select app.content_length(filled) > 0 and filled !~ '[{}]' and length(filled) <= 900
    from app.fill_template(
        template,
        '{"date": "۱۴۰۵/۱۲/۲۹", "time": "۲۳:۵۹", "weekday": "چهارشنبه",
          "consultationId": "00000000-0000-0000-0000-000000000000"}'
        || case
            when is_move then '{"previousDate": "۱۴۰۵/۱۲/۲۹", "previousTime": "۲۳:۵۹", "previousWeekday": "چهارشنبه"}'
            else '{}'
        end::jsonb
    ) as filled
$$;

comment on function app.is_sms_template(text, boolean) is
    'Whether a template knows all its placeholders (docs/sms.md) and stays within 900 characters when they are filled in.';
-- end of sql/app/sms/is_sms_template.sql

-- alter for sql/app/identity/users.sql 71eef2ee2ae9
alter table app.users drop constraint users_name_check;
alter table app.users add constraint users_name_check
    check (name = btrim(name) and app.content_length(name) > 0 and length(name) <= 100) not valid;

-- alter for sql/app/doctors/doctors.sql 122009e04e9b
alter table app.doctors drop constraint doctors_display_name_check;
alter table app.doctors add constraint doctors_display_name_check
    check (app.content_length(display_name) > 0 and length(btrim(display_name)) <= 100) not valid;

-- alter for sql/app/doctors/closures.sql 55c65b9d6171
alter table app.closures drop constraint closures_reason_check;
alter table app.closures add constraint closures_reason_check
    check (app.content_length(reason) > 0 and length(btrim(reason)) <= 200) not valid;

-- alter for sql/app/pets/pets.sql 4ff3c796bb02
alter table app.pets drop constraint pets_name_check;
alter table app.pets add constraint pets_name_check
    check (app.content_length(name) > 0 and length(btrim(name)) <= 100) not valid;
alter table app.pets drop constraint pets_breed_check;
alter table app.pets add constraint pets_breed_check
    check (app.content_length(breed) > 0 and length(btrim(breed)) <= 100) not valid;

-- from sql/app/identity/name_fault.sql
create or replace function app.name_fault(name text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case when app.content_length(name) > 0 and length(btrim(name)) <= 100 then null
        else 'Give a name of 1 to 100 characters.' end
$$;

comment on function app.name_fault(text) is 'What is wrong with the name of a person or pet; null when it will do.';
-- end of sql/app/identity/name_fault.sql

-- from sql/app/pets/check_pet.sql
create or replace function app.check_pet(type app.pet_type, name text, breed text, birth_date date)
returns void
language sql
stable
set search_path = ''
as $$
    select app.fail_validation(jsonb_build_object(
        'type', case when type is null then 'Give DOG, CAT or OTHER.' end,
        'name', app.name_fault(name),
        'breed', case when length(btrim(breed)) > 100 then 'At most 100 characters.' end,
        'birth_date', case when birth_date not between '1970-01-01' and current_date + 1
            then 'Give a day in the past.' end))
$$;

comment on function app.check_pet(app.pet_type, text, text, date) is 'VALIDATION_FAILED with the fields of a pet that are wrong.';
-- end of sql/app/pets/check_pet.sql

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
    values (app.current_user_id(), create_pet.type, btrim(create_pet.name), app.said(create_pet.breed),
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

-- from sql/api/replace_pet.sql
create or replace function api.replace_pet(
    pet_id uuid,
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
    v_pet app.pets := app.lock_own_pet(pet_id);
    v_result api.pets;
begin
    perform app.check_pet(type, name, breed, birth_date);
    update app.pets p
    set type = replace_pet.type, name = btrim(replace_pet.name), breed = app.said(replace_pet.breed),
        gender = coalesce(replace_pet.gender, 'UNKNOWN'), neutered = replace_pet.neutered,
        birth_date = replace_pet.birth_date
    where p.id = v_pet.id;
    perform app.audit('PET_REPLACED', 'pet', v_pet.id);
    select p.* into v_result from api.pets p where p.id = v_pet.id;
    return v_result;
end
$$;

comment on function api.replace_pet(uuid, app.pet_type, text, text, app.pet_gender, boolean, date) is
E'Replace a pet\n\nWhat is not given becomes null (gender UNKNOWN). Gives the pet. NOT_FOUND, VALIDATION_FAILED. For owners.';
grant execute on function api.replace_pet(uuid, app.pet_type, text, text, app.pet_gender, boolean, date) to app_user;
-- end of sql/api/replace_pet.sql

-- from sql/api/submit_details.sql
create or replace function api.submit_details(
    consultation_id uuid,
    message_text text default null,
    voice_media_id uuid default null
)
returns api.consultations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
    v_text text := app.said(message_text);
begin
    perform app.require_status(v_consultation, 'DRAFT', 'DETAILS_SUBMITTED', 'SLOT_HELD');
    perform app.fail_validation(jsonb_build_object(
        'message_text', case
            when app.content_length(v_text) < 20 or length(v_text) > 5000 then 'Write 20 to 5000 characters.'
            when v_text is null and voice_media_id is null then 'Write a text or record a voice note.' end,
        'voice_media_id', case when voice_media_id is not null and not exists (
                select from app.media m
                where m.id = submit_details.voice_media_id and m.consultation_id = v_consultation.id
                  and m.purpose = 'VOICE_NOTE')
            then 'Not a voice note of this consultation.' end));
    update app.consultations c
    set message_text = v_text,
        voice_media_id = submit_details.voice_media_id,
        status = case c.status when 'DRAFT' then 'DETAILS_SUBMITTED' else c.status end
    where c.id = v_consultation.id;
    return app.show_consultation(v_consultation.id);
end
$$;

comment on function api.submit_details(uuid, text, uuid) is
E'Describe the problem\n\nA text of 20 to 5000 characters, or a voice note that is registered already, or both. Gives the
consultation, DETAILS_SUBMITTED if it was a DRAFT. NOT_FOUND, INVALID_STATE, VALIDATION_FAILED. For owners.';
grant execute on function api.submit_details(uuid, text, uuid) to app_user, sidecar;
-- end of sql/api/submit_details.sql

-- from sql/app/doctors/reason_fault.sql
create or replace function app.reason_fault(reason text)
returns text
language sql
immutable
set search_path = ''
as $$
    select case when app.content_length(reason) > 0 and length(btrim(reason)) <= 200 then null
        else 'Give a reason of 1 to 200 characters.' end
$$;

comment on function app.reason_fault(text) is 'What is wrong with the reason of a closure or absence; null when it will do.';
-- end of sql/app/doctors/reason_fault.sql

-- An argument more, which those who are still running do not give.
-- squawk-ignore ban-drop-function
drop function sidecar.request_refund(uuid, bigint);

-- from sql/sidecar/request_refund.sql
-- Giving money back that is in use ends what it pays for, in the same transaction: nobody keeps a seat without paying,
-- and the owner is told.
create or replace function sidecar.request_refund(
    payment_id uuid,
    amount_toman bigint default null,
    reference text default null
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments;
    v_consultation app.consultations;
begin
    perform app.require_admin();
    v_payment := app.lock_payment(payment_id);
    perform app.fail_validation(jsonb_build_object(
        'amount_toman', case when amount_toman not between 1 and v_payment.amount_toman
            then format('should be from 1 to %s', v_payment.amount_toman) end,
        'reference', case when app.content_length(reference) = 0 then 'Give the reference of the transfer.' end));
    if v_payment.status <> 'VERIFIED' then
        perform app.fail('INVALID_STATE', 'Only a verified payment can be refunded.',
                         jsonb_build_object('status', v_payment.status));
    end if;
    update app.refunds r set amount_toman = request_refund.amount_toman
    where r.payment_id = v_payment.id and r.status = 'DUE' and r.amount_toman <> request_refund.amount_toman;
    if exists (select from app.refunds r where r.payment_id = v_payment.id) then
        return;
    end if;
    select c.* into strict v_consultation from app.consultations c where c.id = v_payment.consultation_id;
    insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
    values (
        v_payment.id, v_payment.amount_toman, coalesce(request_refund.amount_toman, v_payment.amount_toman),
        case v_consultation.status when 'COMPLETED' then 'GOODWILL' else 'ADMIN_CANCELED' end::app.refund_reason);
    if v_consultation.status in ('PAID', 'SCHEDULED') then
        perform app.cancel_by_clinic(v_consultation, app.live_appointment(v_consultation.id));
    end if;
end
$$;

comment on function sidecar.request_refund(uuid, bigint, text) is
    'Makes a refund due for the signed-in admin, of the whole payment unless an amount is given, and cancels the
consultation that it pays for. The reference, of a transfer by hand, is noted by sidecar.finish_refund.
FORBIDDEN, NOT_FOUND, VALIDATION_FAILED, INVALID_STATE.';
grant execute on function sidecar.request_refund(uuid, bigint, text) to sidecar;
-- end of sql/sidecar/request_refund.sql
