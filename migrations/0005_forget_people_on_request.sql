-- forget people on request
-- depends: 0004_admin_lists_and_edits

-- alter for sql/app/config/system_config.sql 321b0229e41b
alter table app.system_config
    add column message_retention_days smallint not null default 365,
    add column medical_retention_days smallint;
alter table app.system_config
    -- squawk-ignore constraint-missing-not-valid -- one row
    add constraint system_config_message_retention_check check (message_retention_days between 30 and 3650),
    -- squawk-ignore constraint-missing-not-valid -- one row
    add constraint system_config_medical_retention_check check (medical_retention_days between 30 and 3650);
comment on column app.system_config.message_retention_days is 'After so many days SMS and notifications are deleted.';
comment on column app.system_config.medical_retention_days is
    'So many days after a consultation was made, if it has ended, its texts and files are deleted; null is never.';
comment on constraint system_config_message_retention_check on app.system_config is 'must be 30 to 3650';
comment on constraint system_config_medical_retention_check on app.system_config is
    'must be 30 to 3650, or null to keep them';

-- alter for sql/app/identity/users.sql c4f09e5fc789
alter table app.users add column erased_at timestamptz;
-- squawk-ignore ban-drop-constraint -- a wider one takes its place, below
alter table app.users drop constraint users_mobile_check;
alter table app.users
    -- squawk-ignore constraint-missing-not-valid -- reading all people once takes less than a request waits
    add constraint users_mobile_check
        check (case when erased_at is null then mobile ~ '^09[0-9]{9}$' else mobile = 'erased-' || id end),
    -- squawk-ignore constraint-missing-not-valid -- the same
    add constraint users_erased_check check (erased_at is null or not is_active);
comment on column app.users.mobile is
    'Canonical: 09 and nine digits (see app.normalize_mobile); of an erased person a placeholder that no phone has.';
comment on column app.users.erased_at is 'When the person was forgotten on request (app.erase_person).';

-- from sql/app/sms/queue_sms.sql
create or replace function app.queue_sms(
    user_id uuid, event text, subject text, body text, expires_at timestamptz default null
)
returns boolean
language sql
set search_path = ''
as $$
    with queued as (
        insert into app.sms_messages (event, subject, recipient, body, expires_at)
        select queue_sms.event, queue_sms.subject, u.mobile, queue_sms.body, queue_sms.expires_at
        from app.users u
        where u.id = queue_sms.user_id and u.erased_at is null
        on conflict on constraint sms_messages_event_subject_key do nothing
        returning 1
    )
    select exists (select from queued)
$$;

comment on function app.queue_sms(uuid, text, text, text, timestamptz) is
    'Queues a message to the person, once per event and subject; tells whether this was the once.';
-- end of sql/app/sms/queue_sms.sql

-- from sql/api/admin_config.sql
create or replace view api.admin_config with (security_invoker = true) as
select
    c.tz, c.open_weekdays, c.start_hour, c.end_hour, c.slot_minutes, c.hold_minutes, c.payment_window_minutes,
    c.price_toman, c.booking_horizon_days, c.max_live_holds, c.cooldown_after_expired_holds, c.cooldown_minutes,
    c.consultation_ttl_hours, c.doctor_assignment, c.reminder_minutes, c.sms_confirmed_template,
    c.sms_slot_lost_template, c.sms_moved_template, c.sms_canceled_template, c.sms_reminder_template, c.version,
    c.updated_at, c.message_retention_days, c.medical_retention_days
from app.system_config c;

grant select on api.admin_config to app_admin;

comment on view api.admin_config is E'The clinic''s settings\n\nOne row, for admins. Weekdays are ISO
numbers (Monday = 1 to Sunday = 7), hours those of the zone tz, prices in toman; the templates'' placeholders are in
docs/sms.md. Changed by rpc/update_config.';
-- end of sql/api/admin_config.sql

-- alter for sql/app/jobs/jobs.sql 896d57d7ecce
insert into app.jobs (name, schedule, function_name) values
    ('privacy:prune-messages', '55 23 * * *', 'app.prune_messages'),
    ('privacy:prune-medical-data', '58 23 * * *', 'app.prune_medical_data');

-- from sql/app/privacy/require_erasable.sql
-- A person with whom something is still going on can't be forgotten: the reasons are what an admin has to end first.
create or replace function app.require_erasable(person app.users)
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

comment on function app.require_erasable(app.users) is
    'Refuses with CONFLICT, and the reasons, unless the person is an owner with whom nothing is going on.';
-- end of sql/app/privacy/require_erasable.sql

-- from sql/app/privacy/clear_consultations.sql
-- What was said and shown goes; that there was a consultation stays, with its payments and its audit trail. The objects
-- of the files go the way of every deleted file.
create or replace function app.clear_consultations(ids uuid[])
returns void
language sql
set search_path = ''
as $$
    update app.consultations c set message_text = null, voice_media_id = null where c.id = any (ids);
    delete from app.media m where m.consultation_id = any (ids);
$$;

comment on function app.clear_consultations(uuid[]) is 'Deletes the texts and files of these consultations.';
-- end of sql/app/privacy/clear_consultations.sql

-- from sql/app/privacy/erase_person.sql
-- The ledger (amounts, references, times) and the audit trail stay, of somebody who can't be told any more. A payment of
-- theirs that still turns out to be paid gets its refund row as ever.
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
    perform app.require_erasable(v_person);
    update app.consultations c set status = 'CANCELED'
    where c.id = any (v_consultation_ids) and c.status in ('DRAFT', 'DETAILS_SUBMITTED');
    perform app.clear_consultations(v_consultation_ids);
    update app.pets p
    set name = '—', breed = null, birth_date = null, neutered = null, gender = 'UNKNOWN',
        deleted_at = coalesce(p.deleted_at, clock_timestamp())
    where p.user_id = v_person.id;
    update app.payments p set card_pan = null, raw_request = null, raw_response = null where p.user_id = v_person.id;
    delete from app.sms_messages m where m.recipient = v_person.mobile;
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
            from app.sms_messages m where m.recipient = u.mobile),
        'audit_log', (
            select jsonb_agg(to_jsonb(l) order by l.id) from app.audit_log l where l.actor_user_id = u.id))
    from app.users u
    where u.id = person_record.user_id
$$;

comment on function app.person_record(uuid) is
    'All that is stored about a person, table by table (null for no rows); null when there is no such person.';
-- end of sql/app/privacy/person_record.sql

-- from sql/app/privacy/prune_messages.sql
create or replace function app.prune_messages(max_rows integer default 10000)
returns bigint
language sql
set search_path = ''
set enable_seqscan = on
as $$
    with config as (
        select clock_timestamp() - make_interval(days => c.message_retention_days) as before from app.system_config c
    ), messages as (
        delete from app.sms_messages m
        where m.id = any (array(
            select d.id from app.sms_messages d
            where d.created_at < (select before from config) and d.status <> 'QUEUED'
            limit max_rows
            for update skip locked))
        returning m.id
    ), news as (
        delete from app.notifications n
        where n.id = any (array(
            select d.id from app.notifications d
            where d.created_at < (select before from config)
            limit max_rows
            for update skip locked))
        returning n.id
    )
    select (select count(*) from messages) + (select count(*) from news)
$$;

comment on function app.prune_messages(integer) is
    'Job: forgets SMS and notifications that are older than the settings keep them.';
-- end of sql/app/privacy/prune_messages.sql

-- from sql/app/privacy/prune_medical_data.sql
create or replace function app.prune_medical_data(max_rows integer default 1000)
returns bigint
language plpgsql
set search_path = ''
set enable_seqscan = on
as $$
declare
    v_ids uuid[];
begin
    v_ids := array(
        select c.id from app.consultations c
        cross join app.system_config s
        where c.status in ('COMPLETED', 'CANCELED', 'EXPIRED')
          and c.created_at < clock_timestamp() - make_interval(days => s.medical_retention_days)
          and (c.message_text is not null or exists (select from app.media m where m.consultation_id = c.id))
        limit max_rows
        for no key update of c skip locked);
    perform app.clear_consultations(v_ids);
    return cardinality(v_ids);
end
$$;

comment on function app.prune_medical_data(integer) is
    'Job: deletes texts and files of consultations that have ended, when the settings keep them only for so long.';
-- end of sql/app/privacy/prune_medical_data.sql

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
while something is going on (reasons: IS_STAFF, LIVE_APPOINTMENT, OPEN_PAYMENT, PAID_WITHOUT_SLOT, REFUND_DUE). For admins.';
grant execute on function api.erase_user(uuid) to app_admin;
-- end of sql/api/erase_user.sql

-- from sql/api/export_user.sql
create or replace function api.export_user(user_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_record jsonb;
begin
    perform app.require_admin();
    v_record := app.person_record(user_id);
    if v_record is null then
        perform app.fail('NOT_FOUND', 'There is no such person.');
    end if;
    perform app.audit('USER_EXPORTED', 'user', user_id);
    return v_record;
end
$$;

comment on function api.export_user(uuid) is
E'Export what is stored about a person\n\nOn the person''s request: every row about them, by table, as it is stored. Audited.
NOT_FOUND. For admins.';
grant execute on function api.export_user(uuid) to app_admin;
-- end of sql/api/export_user.sql
