create or replace function sidecar.finish_refund(
    payment_id uuid,
    lease_token uuid,
    status app.refund_status,
    reference text,
    gateway_code integer,
    is_doubtful boolean default true,
    amount_toman bigint default null
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments := app.lock_payment(payment_id);
begin
    update app.refunds r
    set status = finish_refund.status,
        -- The gateway reverses all, and a transfer was of what it was, whatever an admin has asked for meanwhile.
        amount_toman = case finish_refund.status
            when 'REVERSED' then r.payment_amount_toman
            when 'TRANSFERRED' then coalesce(finish_refund.amount_toman, r.amount_toman)
            else r.amount_toman end,
        reference = finish_refund.reference,
        gateway_code = coalesce(finish_refund.gateway_code, r.gateway_code),
        asked_at = case when is_doubtful then r.asked_at end,
        settle_until = null
    where r.payment_id = v_payment.id and r.status = 'DUE'
      and (r.settle_token = lease_token or finish_refund.status = 'REVERSED');
    if found and finish_refund.status <> 'DUE' then
        perform app.notify_user(v_payment.user_id, 'REFUNDED', jsonb_build_object(
            'consultation_id', v_payment.consultation_id, 'payment_id', v_payment.id, 'how', finish_refund.status,
            'amount_toman', (select r.amount_toman from app.refunds r where r.payment_id = v_payment.id)));
    end if;
end
$$;

comment on function sidecar.finish_refund(uuid, uuid, app.refund_status, text, integer, boolean, bigint) is
    'Records that the money went back (REVERSED, TRANSFERRED with its reference, and its amount if that was said), or that
it is still DUE, and why; not doubtful: the gateway has not reversed it. What the gateway reversed is the truth, whoever
brings it.';
grant execute on function sidecar.finish_refund(uuid, uuid, app.refund_status, text, integer, boolean, bigint) to sidecar;
