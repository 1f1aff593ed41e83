create or replace function sidecar.fail_sms(id uuid, worker text, error text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.sms_messages m set status = 'FAILED', error = fail_sms.error, claimed_by = null
    where m.id = fail_sms.id and m.status = 'QUEUED' and m.claimed_by = worker;
    if found then
        perform app.release_probe(fail_sms.id, interval '1 second');
        return true;
    end if;
    return false;
end
$$;

comment on function sidecar.fail_sms(uuid, text, text) is
    'FAILED for good, with the error; false when another worker has taken it over.';
grant execute on function sidecar.fail_sms(uuid, text, text) to sidecar;
