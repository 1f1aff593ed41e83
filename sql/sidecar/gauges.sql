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
