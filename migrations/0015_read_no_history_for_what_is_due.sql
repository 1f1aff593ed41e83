-- read no history for what is due
-- depends: 0014_admins_see_files_at_once_and_doctors_their_calls

-- from sql/app/sms/queue_reminders.sql
-- Whoever was told of the time so lately that the reminder is due already, needs none. By statement_timestamp(), since a
-- volatile function can't be the condition of an index.
create or replace function app.queue_reminders(max_rows integer default 500)
returns bigint
language sql
set search_path = ''
as $$
    with due as (
        select a as appointment, c.sms_reminder_template as template
        from app.system_config c
        join app.appointments a
            on a.status = 'CONFIRMED' and a.start_at > statement_timestamp()
            and a.start_at <= statement_timestamp() + c.reminder_minutes * interval '1 minute'
        where not exists (
            select from app.sms_messages m
            where (m.event, m.subject) = ('APPOINTMENT_REMINDER', app.reminder_subject(a))
               or ((m.event, m.subject) in (('APPOINTMENT_CONFIRMED', a.id::text),
                                            ('APPOINTMENT_MOVED', a.id || ':' || a.version))
                   and m.created_at > a.start_at - c.reminder_minutes * interval '1 minute'))
        order by a.start_at
        limit max_rows
    ), queued as materialized (
        select app.queue_sms(
            (d.appointment).user_id, 'APPOINTMENT_REMINDER', app.reminder_subject(d.appointment),
            app.render_sms(d.template, (d.appointment).consultation_id, (d.appointment).start_at),
            expires_at => (d.appointment).start_at) as is_new
        from due d
    )
    select count(*) from queued q where q.is_new
$$;

comment on function app.queue_reminders(integer) is
    'Job: reminds of confirmed appointments that begin within system_config.reminder_minutes; none when that is null.';
-- end of sql/app/sms/queue_reminders.sql

-- from sql/app/appointments/choose_doctor.sql
-- Among those free at that time, the one with the fewest confirmed assignments in the last 30 days, ties to the least
-- recently assigned. The candidates are locked first: two confirmations at once count each other.
create or replace function app.choose_doctor(
    appointment app.appointments,
    out doctor_id uuid,
    out reason jsonb
)
language plpgsql
set search_path = ''
as $$
declare
    -- A variable, since a volatile function can't be the condition of an index: every assignment ever would be read.
    v_since constant timestamptz := clock_timestamp() - interval '30 days';
begin
    perform app.lock_doctors();
    if (select c.doctor_assignment from app.system_config c) = 'MANUAL' then
        return;
    end if;
    with candidates as (
        select d.id, row_number() over (order by r.assignments, r.last_assigned_at nulls first, d.id) as place,
            jsonb_build_object(
                'assignments_in_30_days', r.assignments, 'last_assigned_at', r.last_assigned_at) as figures
        from app.available_doctors(appointment.start_at, appointment.end_at) d
        cross join lateral (
            select count(*) as assignments, max(a.assigned_at) as last_assigned_at
            from app.appointments a
            where a.doctor_id = d.id
              and a.status <> 'CANCELED'
              and a.assigned_at > v_since
        ) r
        where not exists (
            select from app.appointments a
            where a.slot_id = appointment.slot_id and a.doctor_id = d.id and a.status <> 'CANCELED'
        )
    )
    select c.id, c.figures || jsonb_build_object(
        'policy', 'ROUND_ROBIN',
        'candidates', count(*) over (),
        'others', (select coalesce(jsonb_agg(o.figures || jsonb_build_object('doctor_id', o.id) order by o.place), '[]')
                   from candidates o where o.place > 1))
    into doctor_id, reason
    from candidates c
    order by c.place
    limit 1;
end
$$;

comment on function app.choose_doctor(app.appointments) is
    'The doctor whose turn it is for this appointment, and why: the figures of the chosen one and, in the order of their
turn, of the others who were free. Nulls when nobody is free or an admin assigns.';
-- end of sql/app/appointments/choose_doctor.sql

-- from sql/app/doctors/slots_over_capacity.sql
-- Confirmed seats only, and of the future: what is held may never be paid, and what is past is past. By
-- statement_timestamp(), since a volatile function can't be the condition of an index.
create or replace function app.slots_over_capacity()
returns setof uuid
language sql
stable
set search_path = ''
as $$
    select s.slot_id
    from (
        select a.slot_id, a.start_at, a.end_at, count(*) as confirmed
        from app.appointments a
        where a.status = 'CONFIRMED' and a.status <> 'CANCELED' and a.start_at > statement_timestamp()
        group by a.slot_id, a.start_at, a.end_at
    ) s
    where s.confirmed > (select count(*) from app.available_doctors(s.start_at, s.end_at))
$$;

comment on function app.slots_over_capacity() is 'Slots to come with more confirmed appointments than doctors.';
-- end of sql/app/doctors/slots_over_capacity.sql

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
    select 'sms_queued', '', count(*) from app.sms_messages where status = 'QUEUED'
    union all
    select 'sms_overdue_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(next_attempt_at)), 0)
    from app.sms_messages where status = 'QUEUED' and next_attempt_at <= clock_timestamp()
    union all
    select 'sms_outage', '', count(*) from app.sms_outages where ended_at is null
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
