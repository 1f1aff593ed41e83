create or replace function sidecar.finish_sms(id uuid, worker text, provider text, provider_message_id text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.sms_messages m
    set status = 'SENT', provider = finish_sms.provider, provider_message_id = finish_sms.provider_message_id,
        error = null, sent_at = clock_timestamp()
    where m.id = finish_sms.id and m.status = 'QUEUED' and m.claimed_by = worker;
    return found;
end
$$;

comment on function sidecar.finish_sms(uuid, text, text, text) is 'SENT; false when another worker has taken it over.';
grant execute on function sidecar.finish_sms(uuid, text, text, text) to sidecar;
