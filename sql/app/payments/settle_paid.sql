-- The money is proved. It ends in exactly one of: a confirmed seat, a consultation that waits for one (PAID), a refund.
create or replace function app.settle_paid(payment app.payments)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_consultation app.consultations;
    v_seat app.appointments;
    v_payload jsonb;
begin
    select c.* into strict v_consultation from app.consultations c where c.id = payment.consultation_id;
    if v_consultation.deleted_at is not null
       or v_consultation.status not in ('DETAILS_SUBMITTED', 'SLOT_HELD', 'PAYMENT_INITIATED') then
        perform app.refund_unusable(payment, v_consultation);
        return;
    end if;
    v_payload := jsonb_build_object(
        'consultation_id', v_consultation.id, 'payment_id', payment.id, 'amount_toman', payment.amount_toman);
    perform app.cancel_open_payment(v_consultation.id);
    update app.consultations c set status = 'PAID' where c.id = v_consultation.id;
    perform app.notify_admins('NEW_CONSULTATION', v_payload);
    perform app.notify_user(v_consultation.user_id, 'PAYMENT_SUCCESS', v_payload);
    v_seat := app.live_appointment(v_consultation.id);
    if v_seat.end_at <= clock_timestamp() then  -- nobody can call then any more
        perform app.cancel_hold(v_consultation.id, 'EXPIRED');
        v_seat.id := null;
    end if;
    v_seat.id := coalesce(
        v_seat.id, app.retake_seat(payment, v_consultation, interval '1 minute'));  -- it is confirmed at once
    if v_seat.id is not null then
        update app.payments p set appointment_id = v_seat.id where p.id = payment.id;
        perform app.confirm_appointment(v_seat.id);
    else
        perform app.report_lost_slot(payment);
    end if;
end
$$;

comment on function app.settle_paid(app.payments) is
    'Puts a payment that was just VERIFIED to its use: a seat, a new choice of slot, or a refund.';
