create or replace function app.queue_canceled_sms(appointment app.appointments)
returns boolean
language sql
set search_path = ''
as $$
    select app.outdate_sms(appointment.id, 'APPOINTMENT_CANCELED', appointment.id::text);
    select app.queue_sms(
        appointment.user_id, 'APPOINTMENT_CANCELED', appointment.id::text,
        app.render_sms(c.sms_canceled_template, appointment.consultation_id, appointment.start_at))
    from app.system_config c
$$;

comment on function app.queue_canceled_sms(app.appointments) is
    'Queues the news that an appointment was canceled; it can''t be twice.';
