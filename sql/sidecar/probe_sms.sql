create or replace function sidecar.probe_sms()
returns void
language sql
security definer
set search_path = ''
as $$
    update app.sms_outages o set next_probe_at = clock_timestamp()
    where o.ended_at is null and o.probe_id is null
$$;

comment on function sidecar.probe_sms() is
    'Has the next claim see whether an outage is over: whoever starts a worker may have just repaired the settings.';
grant execute on function sidecar.probe_sms() to sidecar;
