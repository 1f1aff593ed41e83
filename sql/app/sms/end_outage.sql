create or replace function app.end_outage(message_ids uuid[])
returns void
language plpgsql
set search_path = ''
as $$
begin
    update app.sms_outages o set ended_at = clock_timestamp(), probe_id = null
    where o.ended_at is null and o.probe_id = any (message_ids);
    if found then
        perform pg_notify('sms_queued', '');
    end if;
end
$$;

comment on function app.end_outage(uuid[]) is 'Ends the outage whose probe is among the messages, and wakes the workers.';
