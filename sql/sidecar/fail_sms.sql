create or replace function sidecar.fail_sms(id uuid, worker text, error text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.sms_messages m set status = 'FAILED', error = fail_sms.error
    where m.id = fail_sms.id and m.status = 'QUEUED' and m.claimed_by = worker;
    return found;
end
$$;

comment on function sidecar.fail_sms(uuid, text, text) is 'FAILED for good, with the error.';
grant execute on function sidecar.fail_sms(uuid, text, text) to sidecar;
