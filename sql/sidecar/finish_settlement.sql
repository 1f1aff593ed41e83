-- Second transaction: record what the gateway said. PAID is the truth, whoever brings it; anything else counts only
-- from the holder of the lease, and closes an attempt only after a genuine callback or its deadline.
create or replace function sidecar.finish_settlement(
    payment_id uuid,
    lease_token uuid,
    outcome text,
    is_genuine boolean,
    ref_id text,
    card_pan text,
    raw_response jsonb
)
returns app.payment_status
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments := app.lock_payment(payment_id);
begin
    -- The system asks, not a request: times in what people are told carry the clinic's offset all the same.
    perform set_config('timezone', c.tz, true) from app.system_config c;
    if v_payment.status = 'VERIFIED' then
        null;
    elsif outcome = 'PAID' then
        perform app.record_paid(v_payment, ref_id, card_pan, raw_response);
    elsif v_payment.settle_token = lease_token then
        perform app.record_unpaid(v_payment, outcome = 'NOT_PAID', is_genuine, raw_response);
        if outcome = 'MISCONFIGURED' then
            perform app.report_unclear(v_payment);
        end if;
    end if;
    return (select p.status from app.payments p where p.id = payment_id);
end
$$;

comment on function sidecar.finish_settlement(uuid, uuid, text, boolean, text, text, jsonb) is
    'Records the gateway''s answer (PAID, NOT_PAID, UNKNOWN, MISCONFIGURED) and gives the payment''s status after it.';
grant execute on function sidecar.finish_settlement(uuid, uuid, text, boolean, text, text, jsonb) to sidecar;
