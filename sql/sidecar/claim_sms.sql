create or replace function sidecar.claim_sms(worker text, max_rows integer, lease interval)
returns table (id uuid, number bigint, recipient text, body text, attempts integer, is_taken_over boolean)
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.drop_stale_sms();
    if exists (select from app.sms_outages o where o.ended_at is null) then
        return query select * from app.take_probe(worker, lease);
    else
        return query select * from app.take_sms(worker, max_rows, lease);
    end if;
end
$$;

comment on function sidecar.claim_sms(text, integer, interval) is
    'Takes up to max_rows messages that are due, for the lease; during an outage one at most, as a probe.';
grant execute on function sidecar.claim_sms(text, integer, interval) to sidecar;
