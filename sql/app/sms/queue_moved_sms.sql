-- The subject includes the appointment's version, so that a second move sends a second message.
create or replace function app.queue_moved_sms(appointment app.appointments, previous_start_at timestamptz)
returns boolean
language sql
set search_path = ''
as $$
    select app.outdate_sms(appointment.id, 'APPOINTMENT_MOVED', appointment.id || ':' || appointment.version);
    select app.queue_sms(
        appointment.user_id, 'APPOINTMENT_MOVED', appointment.id || ':' || appointment.version,
        app.render_sms(c.sms_moved_template, appointment.consultation_id, appointment.start_at, previous_start_at))
    from app.system_config c
$$;

comment on function app.queue_moved_sms(app.appointments, timestamptz) is
    'Queues the news that an appointment (as it is now) was moved, once per version of it.';
