create or replace function app.report_canceled_appointment(appointment_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_appointment app.appointments;
begin
    select a.* into strict v_appointment from app.appointments a where a.id = appointment_id;
    perform app.notify_user(v_appointment.user_id, 'APPOINTMENT_CANCELED', jsonb_build_object(
        'consultation_id', v_appointment.consultation_id, 'appointment_id', appointment_id,
        'start_at', v_appointment.start_at));
    perform app.queue_canceled_sms(v_appointment);
end
$$;

comment on function app.report_canceled_appointment(uuid) is
    'Tells the owner that an admin has canceled the appointment; call it in the transaction that does.';
