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
