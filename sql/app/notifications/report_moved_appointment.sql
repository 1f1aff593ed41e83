create or replace function app.report_moved_appointment(appointment_id uuid, previous_start_at timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_appointment app.appointments;
begin
    select a.* into strict v_appointment from app.appointments a where a.id = appointment_id;
    perform app.notify_user(v_appointment.user_id, 'APPOINTMENT_MOVED', jsonb_build_object(
        'consultation_id', v_appointment.consultation_id, 'appointment_id', appointment_id,
        'start_at', v_appointment.start_at, 'previous_start_at', previous_start_at));
    perform app.queue_moved_sms(v_appointment, previous_start_at);
end
$$;

comment on function app.report_moved_appointment(uuid, timestamptz) is
    'Tells the owner that an admin has moved the appointment; call it after the move, in its transaction.';
