create or replace function app.release_probe(message_id uuid, delay interval)
returns void
language sql
set search_path = ''
as $$
    update app.sms_outages o set probe_id = null, next_probe_at = clock_timestamp() + delay
    where o.ended_at is null and o.probe_id = message_id
$$;

comment on function app.release_probe(uuid, interval) is
    'If the message was an outage''s probe, it has shown nothing: the next one may go after the delay.';
