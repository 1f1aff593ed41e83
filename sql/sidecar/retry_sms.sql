create or replace function sidecar.retry_sms(id uuid, worker text, error text, delay interval)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.sms_messages m
    set error = retry_sms.error, claimed_by = null, next_attempt_at = clock_timestamp() + delay
    where m.id = retry_sms.id and m.status = 'QUEUED' and m.claimed_by = worker;
    if found then
        perform app.release_probe(retry_sms.id, interval '30 seconds');
        return true;
    end if;
    return false;
end
$$;

comment on function sidecar.retry_sms(uuid, text, text, interval) is
    'Puts the message back, to be claimed after the delay; false when another worker has taken it over.';
grant execute on function sidecar.retry_sms(uuid, text, text, interval) to sidecar;
