-- log changes of status once a statement
-- depends: 0013_owners_are_told_of_refunds_and_pay_for_live_seats_alone

-- from sql/app/audit/audit_context.sql
-- No SET clause, so that it is inlined.
create or replace function app.audit_context()
returns jsonb
language sql
stable
as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'request_id', app.request_header('x-request-id'), 'ip', app.request_header('x-real-ip')))
$$;

comment on function app.audit_context() is 'What every line of the audit log says of the request it was written in.';
-- end of sql/app/audit/audit_context.sql

-- from sql/app/audit/audit.sql
create or replace function app.audit(
    action text,
    entity_type text,
    entity_id uuid,
    meta jsonb default '{}',
    actor_user_id uuid default app.current_user_id()
)
returns void
language sql
set search_path = ''
as $$
    insert into app.audit_log (actor_user_id, action, entity_type, entity_id, meta)
    values (
        audit.actor_user_id, audit.action, audit.entity_type, audit.entity_id, audit.meta || app.audit_context())
$$;

comment on function app.audit(text, text, uuid, jsonb, uuid) is
    'Writes one line of the audit log; the actor is the signed-in person unless the caller knows better.';
-- end of sql/app/audit/audit.sql

-- from sql/app/audit/refuse_transition.sql
create or replace function app.refuse_transition(entity text, from_status text, to_status text)
returns text
language plpgsql
set search_path = ''
as $$
begin
    perform app.fail('INVALID_STATE',
        format('A %s in state %s cannot become %s.', entity, coalesce(from_status, '(new)'), to_status),
        jsonb_build_object('entity', entity, 'from', from_status, 'to', to_status));
end
$$;

comment on function app.refuse_transition(text, text, text) is
    'INVALID_STATE; stands where the name of an allowed change would.';
-- end of sql/app/audit/refuse_transition.sql

-- from sql/app/audit/tg__transition.sql
-- The one guard of every status, whoever changes it, raw SQL included; and, because an allowed change has a name, the
-- one place that writes its audit line (G5 and G6 stand or fall together). After the statement, not before: an insert that
-- ends in ON CONFLICT DO NOTHING must not be logged. Once a statement, not once a row: the sweeper changes a thousand.
-- Old and new rows are matched by id: a row whose id changes has no old state, and none may begin by an update. Without
-- nested loops, because the plan that the first statement of one row made is kept, and must serve a thousand.
-- Arguments: the entity's name, then the columns that belong into meta.
create or replace function app.tg__transition()
returns trigger
language plpgsql
security definer
set search_path = ''
set enable_nestloop = off
as $$
declare
    v_entity text := tg_argv[0];
    v_actor uuid := app.current_user_id();
    v_request jsonb := app.audit_context();
begin
    if tg_op = 'INSERT' then
        insert into app.audit_log (actor_user_id, action, entity_type, entity_id, meta)
        select v_actor, coalesce(t.action, app.refuse_transition(v_entity, null, n.status::text)), v_entity, n.id,
            v_request || jsonb_strip_nulls(jsonb_build_object('to', n.status) || app.pick(to_jsonb(n), tg_argv[1:]))
        from new_rows n
        left join app.transitions t
            on t.machine = tg_table_name and t.from_status is null and t.to_status = n.status::text;
    else
        insert into app.audit_log (actor_user_id, action, entity_type, entity_id, meta)
        select v_actor, coalesce(t.action, app.refuse_transition(v_entity, o.status::text, n.status::text)), v_entity,
            n.id, v_request || jsonb_strip_nulls(jsonb_build_object('from', o.status, 'to', n.status)
                || case when tg_nargs > 1 then app.pick(to_jsonb(n), tg_argv[1:]) else '{}' end)
        from new_rows n
        left join old_rows o on o.id = n.id
        left join app.transitions t
            on t.machine = tg_table_name and t.from_status = o.status::text and t.to_status = n.status::text
        where n.status is distinct from o.status;
    end if;
    return null;
end
$$;

comment on function app.tg__transition() is
    'Refuses a change of status that is not in the transition tables, and logs one that is.';
-- end of sql/app/audit/tg__transition.sql

-- alter for sql/app/consultations/consultations.sql 50bc23bf1cfe
create or replace trigger consultations_500_first_state after insert on app.consultations
    referencing new table as new_rows for each statement
    execute function app.tg__transition('consultation', 'base_price_toman');
create or replace trigger consultations_510_transition after update on app.consultations
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('consultation');

-- alter for sql/app/appointments/appointments.sql 98b7a9c14c7c
create or replace trigger appointments_500_first_state after insert on app.appointments
    referencing new table as new_rows for each statement
    execute function app.tg__transition('appointment', 'consultation_id', 'start_at');
create or replace trigger appointments_510_transition after update on app.appointments
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('appointment', 'consultation_id', 'start_at', 'cancel_reason', 'outcome');

-- alter for sql/app/payments/payments.sql bad305eae686
create or replace trigger payments_500_first_state after insert on app.payments
    referencing new table as new_rows for each statement
    execute function app.tg__transition('payment', 'consultation_id', 'appointment_id', 'amount_toman');
create or replace trigger payments_510_transition after update on app.payments
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('payment', 'consultation_id', 'amount_toman', 'ref_id');

-- alter for sql/app/payments/refunds.sql 8dd6eec852cb
create or replace trigger refunds_500_first_state after insert on app.refunds
    referencing new table as new_rows for each statement
    execute function app.tg__transition('refund', 'payment_id', 'amount_toman', 'reason');
create or replace trigger refunds_510_transition after update on app.refunds
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('refund', 'payment_id', 'amount_toman', 'reason', 'gateway_code');

-- from sql/sidecar/claim_object_deletions.sql
-- Never the object of a file that is there, whatever was written down: that one check is worth its price.
create or replace function sidecar.claim_object_deletions(max_rows integer)
returns setof text
language sql
security definer
set search_path = ''
as $$
    with due as (
        select d.object_key
        from app.object_deletions d
        where d.next_attempt_at <= (select clock_timestamp())
          and not exists (select from app.media m where m.object_key = d.object_key)
        order by d.next_attempt_at
        limit max_rows
        for update skip locked
    )
    update app.object_deletions d
    set attempts = d.attempts + 1,
        next_attempt_at = clock_timestamp() + interval '1 minute' * 2 ^ least(d.attempts, 6)
    from due
    where d.object_key = due.object_key
    returning d.object_key
$$;

comment on function sidecar.claim_object_deletions(integer) is
    'Takes up to max_rows deletions that are due. Those that are not finished come back by themselves: after a minute at
first, after an hour when the store refuses for long.';
grant execute on function sidecar.claim_object_deletions(integer) to sidecar;
-- end of sql/sidecar/claim_object_deletions.sql

-- from sql/app/appointments/end_holds.sql
create or replace function app.end_holds(appointment_ids uuid[], consultation_ids uuid[])
returns bigint
language sql
set search_path = ''
as $$
    update app.appointments a set status = 'CANCELED', cancel_reason = 'EXPIRED' where a.id = any (appointment_ids);
    update app.consultations c set status = 'DETAILS_SUBMITTED'
    where c.id = any (consultation_ids) and c.status::text = 'SLOT_HELD';
    select coalesce(cardinality(appointment_ids), 0)
$$;

comment on function app.end_holds(uuid[], uuid[]) is
    'Cancels expired holds that are locked, with their consultations; gives how many. The consultations may choose again,
unless they are PAYMENT_INITIATED: then the gateway''s answer decides.';
-- end of sql/app/appointments/end_holds.sql

-- from sql/app/appointments/release_lapsed_holds.sql
-- Somebody else's expired hold needs that person's consultation, which comes before slots in the lock order, and its
-- own row, which a slot whose capacity is being raised may have locked: both are taken only when they are free (SKIP
-- LOCKED), else the hold stays for now. What was locked is checked again in its newest version.
-- The status is compared as text, so that no partial index seems to serve: the planner knows little of tables under
-- row-level security, and would read such an index whole instead of finding the rows by their ids.
create or replace function app.release_lapsed_holds(appointment_ids uuid[])
returns bigint
language sql
set search_path = ''
as $$
    with lapsed as (
        select a.id, a.consultation_id
        from app.appointments a
        join app.consultations c on c.id = a.consultation_id
        where a.id = any (appointment_ids) and a.status::text = 'HELD' and a.hold_expires_at <= (select clock_timestamp())
        for no key update of c, a skip locked
    )
    select app.end_holds(array_agg(l.id), array_agg(l.consultation_id)) from lapsed l
$$;

comment on function app.release_lapsed_holds(uuid[]) is
    'Cancels those of the holds that have expired and can be locked at once; gives how many.';
-- end of sql/app/appointments/release_lapsed_holds.sql

-- from sql/sidecar/claim_settlements.sql
-- A claim is a lease, as for SMS: it moves next_inquiry_at past its end, so that any number of sidecars share the work
-- and what a dead one took comes back by itself.
create or replace function sidecar.claim_settlements(max_rows integer, lease interval)
returns setof uuid
language sql
security definer
set search_path = ''
as $$
    update app.payments p
    set next_inquiry_at = clock_timestamp() + lease
    where p.id = any (array(
        select d.id from app.payments d
        where d.next_inquiry_at <= (select clock_timestamp())
        order by d.next_inquiry_at
        limit max_rows
        for no key update skip locked))
    returning p.id
$$;

comment on function sidecar.claim_settlements(integer, interval) is
    'Takes up to max_rows attempts that it is time to ask the gateway about, for the lease.';
grant execute on function sidecar.claim_settlements(integer, interval) to sidecar;
-- end of sql/sidecar/claim_settlements.sql

-- from sql/app/sms/drop_stale_sms.sql
-- A reminder may have waited for the provider for days; the appointment is looked at again just before sending.
create or replace function app.drop_stale_sms()
returns void
language sql
set search_path = ''
as $$
    update app.sms_messages m set status = 'FAILED', error = 'it was no longer worth sending'
    where m.id = any (array(
        select q.id
        from app.sms_messages q
        where q.status = 'QUEUED' and q.expires_at is not null and q.next_attempt_at <= (select clock_timestamp())
          and (q.expires_at <= (select clock_timestamp())
               or case when q.event = 'APPOINTMENT_REMINDER' then not exists (
                   select from app.appointments a
                   where a.id = split_part(q.subject, ':', 1)::uuid and a.status = 'CONFIRMED'
                     and app.reminder_subject(a) = q.subject
               ) end)
        for update skip locked))
$$;

comment on function app.drop_stale_sms() is
    'Gives up messages that came too late, and reminders of appointments that are not what they were.';
-- end of sql/app/sms/drop_stale_sms.sql

-- from sql/app/sms/take_sms.sql
-- A claim is a lease: it moves next_attempt_at past its end, so that what a dead worker took comes back by itself. A
-- due message that still has a claimant was lost by a dead one, who may have sent it.
create or replace function app.take_sms(worker text, max_rows integer, lease interval)
returns table (id uuid, number bigint, recipient text, body text, attempts integer, is_taken_over boolean)
language sql
set search_path = ''
as $$
    with due as (
        select q.id, q.claimed_by
        from app.sms_messages q
        where q.status = 'QUEUED' and q.next_attempt_at <= (select clock_timestamp())
        order by q.next_attempt_at
        limit max_rows
        for update skip locked
    )
    update app.sms_messages m
    set claimed_by = worker, attempts = m.attempts + 1, next_attempt_at = clock_timestamp() + lease
    from due d
    where m.id = d.id
    returning m.id, m.number, m.recipient, m.body, m.attempts, d.claimed_by is not null
$$;

comment on function app.take_sms(text, integer, interval) is 'Takes up to max_rows messages that are due, for the lease.';
-- end of sql/app/sms/take_sms.sql

-- from sql/sidecar/due_deliveries.sql
-- Asked less and less often, and for two days: Kavenegar knows messages for 48 hours.
create or replace function sidecar.due_deliveries(provider text, max_rows integer)
returns table (id uuid, provider_message_id text)
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.sms_messages m set delivery = 'UNKNOWN', delivery_due_at = null
    where m.id = any (array(
        select q.id from app.sms_messages q
        where q.delivery_due_at <= (select clock_timestamp()) and q.sent_at < (select clock_timestamp() - interval '48 hours')
        limit 1000
        for update skip locked));
    return query
    update app.sms_messages m
    set delivery_due_at = clock_timestamp()
        + greatest(interval '1 minute', (clock_timestamp() - m.sent_at) / 2) * (0.9 + random() / 5)
    where m.id = any (array(
        select q.id from app.sms_messages q
        where q.delivery_due_at <= (select clock_timestamp()) and q.provider = due_deliveries.provider
        order by q.delivery_due_at
        limit max_rows
        for update skip locked))
    returning m.id, m.provider_message_id;
end
$$;

comment on function sidecar.due_deliveries(text, integer) is
    'Takes sent messages that the provider is to be asked about; those it never answered for end as UNKNOWN.';
grant execute on function sidecar.due_deliveries(text, integer) to sidecar;
-- end of sql/sidecar/due_deliveries.sql

-- from sql/app/jobs/release_expired_holds.sql
-- Those that somebody works on are passed over, and must not use up the batch. The commit is not waited for: should the
-- server fail in that moment, the holds have expired as before, and are released at the next turn.
create or replace function app.release_expired_holds(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    select set_config('synchronous_commit', 'off', true);
    with lapsed as (
        select a.id, a.consultation_id
        from app.appointments a
        join app.consultations c on c.id = a.consultation_id
        where a.status = 'HELD' and a.hold_expires_at <= (select clock_timestamp())
        order by a.hold_expires_at
        limit max_rows
        for no key update of c, a skip locked
    )
    select app.end_holds(array_agg(l.id), array_agg(l.consultation_id)) from lapsed l
$$;

comment on function app.release_expired_holds(integer) is 'Job: gives up holds that ran out, a batch at a time.';
-- end of sql/app/jobs/release_expired_holds.sql

-- from sql/app/jobs/expire_consultations.sql
-- Nothing is given up while money may be on its way, and nothing that a gateway ever knew of is hidden. Whether there
-- was an attempt to pay is looked up in a later statement than the lock.
create or replace function app.expire_consultations(max_rows integer default 1000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_ids uuid[];
    v_expired bigint;
begin
    v_ids := array(
        select c.id from app.consultations c
        where c.expires_at <= (select clock_timestamp())
          and not exists (
              select from app.payments p
              where p.consultation_id = c.id and p.status in ('INITIATED', 'PENDING', 'VERIFIED'))
        order by c.expires_at
        limit max_rows
        for no key update skip locked);
    update app.consultations c
    set status = 'EXPIRED',
        deleted_at = case when not exists (
            select from app.payments p where p.consultation_id = c.id and p.authority is not null
        ) then clock_timestamp() end
    where c.id = any (v_ids)
      and not exists (
          select from app.payments p
          where p.consultation_id = c.id and p.status in ('INITIATED', 'PENDING', 'VERIFIED'));
    get diagnostics v_expired = row_count;
    return v_expired;
end
$$;

comment on function app.expire_consultations(integer) is
    'Job: EXPIRED for what was left lying, soft-deleted when no attempt to pay ever reached a gateway.';
-- end of sql/app/jobs/expire_consultations.sql

-- from sql/app/jobs/expire_unsent_payments.sql
create or replace function app.expire_unsent_payments(max_rows integer default 1000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_ids uuid[];
    v_expired bigint;
begin
    v_ids := array(
        select p.id
        from app.payments p
        join app.consultations c on c.id = p.consultation_id
        where p.status = 'INITIATED' and p.authority is null and p.created_at < (select clock_timestamp() - interval '1 hour')
        limit max_rows
        for no key update of c skip locked);
    update app.payments p set status = 'EXPIRED'
    where p.id = any (v_ids) and p.status = 'INITIATED' and p.authority is null;
    get diagnostics v_expired = row_count;
    return v_expired;
end
$$;

comment on function app.expire_unsent_payments(integer) is 'Job: EXPIRED for attempts that never got an authority.';
-- end of sql/app/jobs/expire_unsent_payments.sql

-- from sql/app/jobs/prune_uploads.sql
create or replace function app.prune_uploads(max_rows integer default 1000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_ids uuid[];
begin
    v_ids := array(
        select u.id from app.uploads u
        where u.created_at < (select clock_timestamp() - interval '1 day')
          and (u.checked_until is null or u.checked_until < (select clock_timestamp()))
        limit max_rows
        for update skip locked);
    perform app.close_upload(u.id, 'UNUSED') from app.uploads u where u.id = any (v_ids) and u.used_at is null;
    delete from app.uploads u where u.id = any (v_ids);
    return cardinality(v_ids);
end
$$;

comment on function app.prune_uploads(integer) is
    'Job: forgets tickets that are a day old, and has what was uploaded and never registered deleted.';
-- end of sql/app/jobs/prune_uploads.sql

-- from sql/app/jobs/prune_sessions.sql
create or replace function app.prune_sessions(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    with dead as (
        delete from app.sessions s
        where s.id = any (array(
            select d.id from app.sessions d
            where d.expires_at < (select clock_timestamp() - interval '1 day')
               or d.revoked_at < (select clock_timestamp() - interval '1 day')
            limit max_rows
            for update skip locked))
        returning s.id
    )
    select count(*) from dead
$$;

comment on function app.prune_sessions(integer) is 'Job: forgets sessions that ended more than a day ago.';
-- end of sql/app/jobs/prune_sessions.sql

-- from sql/app/jobs/prune_sign_in_attempts.sql
create or replace function app.prune_sign_in_attempts(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    with old as (
        delete from app.sign_in_attempts s
        where (s.mobile, s.ip) in (
            select d.mobile, d.ip from app.sign_in_attempts d
            where d.updated_at < (select clock_timestamp() - interval '1 hour')
            limit max_rows
            for update skip locked)
        returning s.mobile
    )
    select count(*) from old
$$;

comment on function app.prune_sign_in_attempts(integer) is 'Job: forgets sign-in attempts older than an hour.';
-- end of sql/app/jobs/prune_sign_in_attempts.sql

-- from sql/app/jobs/prune_job_runs.sql
-- NOTE: the latest run of each job stays: it says whether a run was missed.
create or replace function app.prune_job_runs(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    with old as (
        delete from app.job_runs r
        where r.id = any (array(
            select d.id from app.job_runs d
            where d.started_at < (select clock_timestamp() - interval '30 days')
              and exists (select from app.job_runs n where n.job_name = d.job_name and n.started_at > d.started_at)
            limit max_rows
            for update skip locked))
        returning r.id
    )
    select count(*) from old
$$;

comment on function app.prune_job_runs(integer) is 'Job: forgets the history of jobs older than 30 days.';
-- end of sql/app/jobs/prune_job_runs.sql
