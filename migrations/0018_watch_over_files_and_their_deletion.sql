-- watch over files and their deletion
-- depends: 0017_log_changes_of_status_once_a_statement

-- from sql/app/media/close_upload.sql
-- The client's signed URL may outlive the ticket: what was uploaded is deleted once nobody can write it again.
create or replace function app.close_upload(upload_id uuid, reason app.deletion_reason)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_upload app.uploads;
begin
    select u.* into v_upload from app.uploads u where u.id = upload_id;
    perform app.doom_object(v_upload.object_key, reason, v_upload.expires_at + interval '1 minute');
    if v_upload.kept_key is not null and reason <> 'REGISTERED' then
        -- Until the lease ends, the copy may still be on its way.
        perform app.doom_object(v_upload.kept_key, 'ABANDONED', v_upload.checked_until);
    end if;
    update app.uploads u set used_at = clock_timestamp(), kept_key = null, checked_until = null where u.id = v_upload.id;
end
$$;

comment on function app.close_upload(uuid, app.deletion_reason) is
    'The locked ticket has worked: its object is deleted, and so is the copy unless it was registered.';
-- end of sql/app/media/close_upload.sql

-- from sql/sidecar/create_upload.sql
-- The tickets themselves are what is counted: granted ones are committed, and a refused one leaves nothing to count. The
-- person's lock puts their own requests in a row, whichever sidecar they come through.
create or replace function sidecar.create_upload(
    category text,
    ext text,
    size bigint,
    purpose text,
    out upload_key text,
    out mime_type text,
    out expires_at timestamptz,
    out retry_after integer
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_rule app.upload_rules;
    v_recent timestamptz[];
    v_minute_ago timestamptz;
begin
    perform app.require_owner();
    perform from app.users u where u.id = app.current_user_id() for no key update;
    v_minute_ago := clock_timestamp() - interval '1 minute';
    v_recent := array(
        select u.created_at from app.uploads u
        where u.owner_user_id = app.current_user_id() and u.created_at > v_minute_ago
        order by u.created_at);
    if cardinality(v_recent) >= 20 then
        retry_after := ceil(extract(epoch from v_recent[1] - v_minute_ago));
        return;
    end if;
    v_rule := app.require_upload_rule(category, ext, size, purpose);
    insert into app.uploads as u (owner_user_id, category, extension, mime_type, size_bytes, purpose)
    values (app.current_user_id(), v_rule.category, v_rule.extension, v_rule.mime_type, size,
            create_upload.purpose::app.media_purpose)
    returning u.object_key, u.mime_type, u.expires_at into upload_key, mime_type, expires_at;
end
$$;

comment on function sidecar.create_upload(text, text, bigint, text) is
    'A ticket for a file of size bytes, for the signed-in owner, twenty a minute at most: then retry_after (seconds) and
no ticket. FORBIDDEN, VALIDATION_FAILED.';
grant execute on function sidecar.create_upload(text, text, bigint, text) to sidecar;
-- end of sql/sidecar/create_upload.sql

-- from sql/app/invariants/file_invariants.sql
create or replace function app.file_invariants()
returns table (rule text, entity text, id uuid, explanation text)
language sql
stable
set search_path = ''
as $$
    select 'FILES', 'media', m.id, 'its object is queued for deletion'
    from app.media m
    join app.object_deletions d on d.object_key = m.object_key
    union all
    select 'FILES', 'media', m.id, 'a client can still write its object, or a check does'
    from app.media m
    where exists (select from app.uploads u where u.object_key = m.object_key)
       or exists (select from app.uploads u where u.kept_key = m.object_key)
    union all
    select 'FILES', 'upload', u.id, 'used, and still being checked'
    from app.uploads u
    where u.used_at is not null and u.kept_key is not null
    union all
    select 'FILES', 'consultation', c.id, 'expired or deleted, and has files'
    from app.consultations c
    where (c.deleted_at is not null or c.status = 'EXPIRED')
      and exists (select from app.media m where m.consultation_id = c.id)
    union all
    select 'FILES', 'consultation', c.id, 'its voice note is none'
    from app.consultations c
    join app.media m on m.id = c.voice_media_id
    where m.purpose <> 'VOICE_NOTE' or m.consultation_id <> c.id
    union all
    select 'FILES', 'consultation', m.consultation_id, 'more files of a kind than it may have'
    from app.media m
    group by m.consultation_id
    having count(*) > 10
        or count(*) filter (where m.purpose = 'MEDICAL_DOC') > 5
        or count(*) filter (where m.purpose = 'VOICE_NOTE') > 1
        or count(*) filter (where m.category = 'VIDEO') > 1
$$;

comment on function app.file_invariants() is
    'FILES: each file has an object that stays and that nobody writes, and there are no more than there may be.';
-- end of sql/app/invariants/file_invariants.sql

-- from sql/app/invariants/invariants.sql
-- The guarantees that must hold at any time, each as a query that looks for its violation. Those which constraints
-- enforce are asked as well: what is checked twice is believed.
create or replace function app.invariants()
returns table (rule text, entity text, id uuid, explanation text)
language sql
stable
set search_path = ''
as $$
    select 'G1', 'slot', s.id, format('%s occupying appointments, capacity %s', count(*), s.capacity)
    from app.slots s
    join app.appointments a on a.slot_id = s.id and a.status <> 'CANCELED'
    group by s.id
    having count(*) > s.capacity
    union all
    select 'G2', 'doctor', a.doctor_id, format('in two places: %s and %s', a.id, b.id)
    from app.appointments a
    join app.appointments b on b.doctor_id = a.doctor_id and b.id > a.id
        and b.status <> 'CANCELED' and b.start_at < a.end_at and b.end_at > a.start_at
    where a.status <> 'CANCELED'
    union all
    select 'G3', 'consultation', p.consultation_id, 'more than one open payment attempt'
    from app.payments p
    where p.status in ('INITIATED', 'PENDING')
    group by p.consultation_id
    having count(*) > 1
    union all
    select 'G3', 'consultation', a.consultation_id, 'more than one live appointment'
    from app.appointments a
    where a.status in ('HELD', 'CONFIRMED')
    group by a.consultation_id
    having count(*) > 1
    union all
    select * from app.money_invariants()
    union all
    select * from app.state_invariants()
    union all
    select * from app.file_invariants()
$$;

comment on function app.invariants() is 'One row per violation of the guarantees G1 to G6, and of those of files; empty is healthy.';
-- end of sql/app/invariants/invariants.sql

-- from sql/app/monitor/outbox_gauges.sql
create or replace function app.outbox_gauges()
returns table (metric text, label text, value double precision)
language sql
stable
set search_path = ''
as $$
    select 'sms_queued', '', count(*) from app.sms_messages where status = 'QUEUED'
    union all
    select 'sms_overdue_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(next_attempt_at)), 0)
    from app.sms_messages where status = 'QUEUED' and next_attempt_at <= clock_timestamp()
    union all
    select 'sms_outage', '', count(*) from app.sms_outages where ended_at is null
    union all
    select 'object_deletions', '', count(*) from app.object_deletions
    union all
    select 'object_deletions_oldest_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)
    from app.object_deletions
$$;

comment on function app.outbox_gauges() is
    'For sidecar.gauges(): what waits to be sent or deleted outside of the database, and for how long (seconds).';
-- end of sql/app/monitor/outbox_gauges.sql

-- from sql/sidecar/gauges.sql
-- What a monitor wants to know of the whole system, in one statement that reads only what is open: each line is served
-- by a partial index, or by a table of a few rows.
create or replace function sidecar.gauges()
returns table (metric text, label text, value double precision)
language sql
stable
security definer
set search_path = ''
as $$
    -- Materialized, or their oldest is looked for in the order of time, from the first payment on.
    with open_payments as materialized (
        select p.status, p.created_at from app.payments p where p.status in ('INITIATED', 'PENDING')
    )
    select * from app.outbox_gauges()
    union all
    select 'payments_open', s.status::text, count(p.status)
    from unnest(array['INITIATED', 'PENDING']::app.payment_status[]) s (status)
    left join open_payments p on p.status = s.status
    group by s.status
    union all
    select 'payments_open_oldest_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)
    from open_payments
    union all
    select 'refunds_due', '', count(*) from app.refunds where status = 'DUE'
    union all
    select 'refunds_due_oldest_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)
    from app.refunds where status = 'DUE'
    union all
    select 'holds', k.state, count(*) filter (where (a.hold_expires_at > clock_timestamp()) = (k.state = 'live'))
    from (values ('live'), ('expired')) k (state)
    left join app.appointments a on a.status = 'HELD'
    group by k.state
    union all
    select 'slots_over_capacity', '', count(*) from app.slots_over_capacity()
    union all
    select 'job_last_success_timestamp_seconds', j.job_name, extract(epoch from j.succeeded_at)
    from app.job_health() j where j.succeeded_at is not null
    union all
    select 'job_failing', j.job_name, j.is_failing::integer from app.job_health() j
    union all
    select 'invariant_violations', '', violations from app.invariant_checks
    union all
    select 'invariants_checked_timestamp_seconds', '', extract(epoch from checked_at) from app.invariant_checks
    union all
    select 'database_connections', '', sum(numbackends) from pg_catalog.pg_stat_database
    union all
    select 'database_max_connections', '', current_setting('max_connections')::integer
$$;

comment on function sidecar.gauges() is
    'The state of the system for a monitor: a metric, its label (empty for none), its value. Ages are in seconds.';
grant execute on function sidecar.gauges() to sidecar;
-- end of sql/sidecar/gauges.sql

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
    perform app.close_upload(u.id, 'UNUSED')
    from (
        select o.id from app.uploads o
        where o.owner_user_id = v_person.id and o.used_at is null order by o.object_key for no key update) u;
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
