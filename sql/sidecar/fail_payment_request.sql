create or replace function sidecar.fail_payment_request(payment_id uuid, raw_request jsonb, raw_response jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.lock_payment(payment_id);
    update app.payments p
    set status = 'FAILED',
        raw_request = fail_payment_request.raw_request,
        raw_response = fail_payment_request.raw_response
    where p.id = payment_id and p.status = 'INITIATED';
end
$$;

comment on function sidecar.fail_payment_request(uuid, jsonb, jsonb) is
    'The gateway gave no authority: the attempt is FAILED, the hold stays, and the owner may try again.';
grant execute on function sidecar.fail_payment_request(uuid, jsonb, jsonb) to sidecar;
