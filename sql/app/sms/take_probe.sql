create or replace function app.take_probe(worker text, lease interval)
returns table (id uuid, number bigint, recipient text, body text, attempts integer, is_taken_over boolean)
language plpgsql
set search_path = ''
as $$
begin
    perform from app.sms_outages o
    where o.ended_at is null and o.next_probe_at <= clock_timestamp()
    for update skip locked;
    if not found then
        return;
    end if;
    select t.* into id, number, recipient, body, attempts, is_taken_over from app.take_sms(worker, 1, lease) t;
    if found then
        -- The next one comes when this one is decided, or when its worker must be dead.
        update app.sms_outages o set probe_id = take_probe.id, next_probe_at = clock_timestamp() + lease
        where o.ended_at is null;
        return next;
    end if;
end
$$;

comment on function app.take_probe(text, interval) is
    'During an outage: takes one message when a probe is due, so that one worker at a time asks the provider.';
