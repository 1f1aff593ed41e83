create or replace function app.report_lost_slot(payment app.payments)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_seat app.appointments;
    v_payload jsonb;
begin
    select a.* into strict v_seat from app.appointments a where a.id = payment.appointment_id;
    v_payload := jsonb_build_object(
        'consultation_id', payment.consultation_id, 'payment_id', payment.id, 'start_at', v_seat.start_at);
    perform app.notify_admins('SLOT_LOST', v_payload);
    perform app.notify_user(payment.user_id, 'SLOT_LOST', v_payload);
    perform app.queue_sms(payment.user_id, 'SLOT_LOST', payment.id::text,
        app.render_sms(c.sms_slot_lost_template, payment.consultation_id, v_seat.start_at))
    from app.system_config c;
end
$$;

comment on function app.report_lost_slot(app.payments) is
    'Paid, but the seat is gone: tells the admins and the owner, who may choose another slot on the same money.';
