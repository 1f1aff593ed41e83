-- The message is not to blame, so that the try does not count: but for the one that begins an outage, lest a message
-- that alone is refused like this should begin one for ever. Admins are told once an outage.
create or replace function sidecar.pause_sms(id uuid, worker text, provider text, error text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.sms_messages m set error = pause_sms.error, claimed_by = null, next_attempt_at = clock_timestamp()
    where m.id = pause_sms.id and m.status = 'QUEUED' and m.claimed_by = worker;
    if not found then
        return false;
    end if;
    insert into app.sms_outages (provider, reason) values (pause_sms.provider, pause_sms.error)
    on conflict do nothing;
    if found then
        perform app.notify_admins('SMS_PAUSED', jsonb_build_object('provider', provider, 'reason', error));
        return true;
    end if;
    update app.sms_messages m set attempts = m.attempts - 1 where m.id = pause_sms.id;
    update app.sms_outages o
    set failures = o.failures + 1, reason = pause_sms.error, probe_id = null,
        next_probe_at = clock_timestamp() + least(interval '30 seconds' * 2 ^ least(o.failures, 20),
                                                  interval '30 minutes') * (0.5 + random() / 2)
    where o.ended_at is null and o.probe_id = pause_sms.id;
    return true;
end
$$;

comment on function sidecar.pause_sms(uuid, text, text, text) is
    'The provider refuses us: puts the message back and pauses all sending, from half a minute to half an hour.';
grant execute on function sidecar.pause_sms(uuid, text, text, text) to sidecar;
