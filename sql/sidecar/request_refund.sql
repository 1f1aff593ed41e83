-- Giving money back that is in use ends what it pays for, in the same transaction: nobody keeps a seat without paying,
-- and the owner is told.
create or replace function sidecar.request_refund(
    payment_id uuid,
    amount_toman bigint default null,
    reference text default null
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments;
    v_consultation app.consultations;
begin
    perform app.require_admin();
    v_payment := app.lock_payment(payment_id);
    perform app.fail_validation(jsonb_build_object(
        'amount_toman', case when amount_toman not between 1 and v_payment.amount_toman
            then format('should be from 1 to %s', v_payment.amount_toman) end,
        'reference', case when app.content_length(reference) = 0 then 'Give the reference of the transfer.' end));
    if v_payment.status <> 'VERIFIED' then
        perform app.fail('INVALID_STATE', 'Only a verified payment can be refunded.',
                         jsonb_build_object('status', v_payment.status));
    end if;
    update app.refunds r set amount_toman = request_refund.amount_toman
    where r.payment_id = v_payment.id and r.status = 'DUE' and r.amount_toman <> request_refund.amount_toman;
    if exists (select from app.refunds r where r.payment_id = v_payment.id) then
        return;
    end if;
    select c.* into strict v_consultation from app.consultations c where c.id = v_payment.consultation_id;
    insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
    values (
        v_payment.id, v_payment.amount_toman, coalesce(request_refund.amount_toman, v_payment.amount_toman),
        case v_consultation.status when 'COMPLETED' then 'GOODWILL' else 'ADMIN_CANCELED' end::app.refund_reason);
    if v_consultation.status in ('PAID', 'SCHEDULED') then
        perform app.cancel_by_clinic(v_consultation, app.live_appointment(v_consultation.id));
    end if;
end
$$;

comment on function sidecar.request_refund(uuid, bigint, text) is
    'Makes a refund due for the signed-in admin, of the whole payment unless an amount is given, and cancels the
consultation that it pays for. The reference, of a transfer by hand, is noted by sidecar.finish_refund.
FORBIDDEN, NOT_FOUND, VALIDATION_FAILED, INVALID_STATE.';
grant execute on function sidecar.request_refund(uuid, bigint, text) to sidecar;
