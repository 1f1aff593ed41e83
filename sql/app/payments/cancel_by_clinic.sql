-- A seat that was paid for and lost is what the owner is told of when there is no other.
create or replace function app.cancel_by_clinic(consultation app.consultations, seat app.appointments)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_seat_id uuid := coalesce(seat.id, (
        select p.appointment_id from app.payments p
        where p.consultation_id = consultation.id and p.status = 'VERIFIED'
        order by p.paid_at desc limit 1));
begin
    perform app.require_status(
        consultation, 'DRAFT', 'DETAILS_SUBMITTED', 'SLOT_HELD', 'PAYMENT_INITIATED', 'PAID', 'SCHEDULED');
    perform app.cancel_open_payment(consultation.id);
    update app.appointments a set status = 'CANCELED', cancel_reason = 'CONSULTATION_CLOSED' where a.id = seat.id;
    update app.consultations c set status = 'CANCELED' where c.id = consultation.id;
    insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
    select p.id, p.amount_toman, p.amount_toman, 'ADMIN_CANCELED'
    from app.payments p
    where p.consultation_id = consultation.id and p.status = 'VERIFIED'
    on conflict on constraint refunds_payment_id_key do nothing;
    if v_seat_id is not null then
        perform app.report_canceled_appointment(v_seat_id);
    end if;
end
$$;

comment on function app.cancel_by_clinic(app.consultations, app.appointments) is
    'Cancels the locked consultation for an admin: its seat is free, a refund is due for what was paid, the owner is told.
INVALID_STATE.';
