-- A verified payment never fails: without a free doctor the appointment is confirmed all the same, and admins are told.
create or replace function app.confirm_appointment(appointment_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_appointment app.appointments;
    v_doctor record;
    v_payload jsonb;
begin
    select a.* into strict v_appointment from app.appointments a where a.id = appointment_id;
    perform app.find_slot(v_appointment.start_at, v_appointment.end_at);  -- slots come before doctors in the lock order
    v_doctor := app.choose_doctor(v_appointment);
    update app.appointments a
    set status = 'CONFIRMED', hold_expires_at = null, doctor_id = v_doctor.doctor_id,
        assignment_reason = v_doctor.reason,
        assigned_at = case when v_doctor.doctor_id is not null then clock_timestamp() end
    where a.id = appointment_id
    returning a.* into v_appointment;
    update app.consultations c set status = 'SCHEDULED' where c.id = v_appointment.consultation_id;
    v_payload := jsonb_build_object(
        'consultation_id', v_appointment.consultation_id, 'appointment_id', appointment_id,
        'start_at', v_appointment.start_at, 'doctor_id', v_doctor.doctor_id);
    perform app.notify_admins('SLOT_SELECTED', v_payload);
    if v_doctor.doctor_id is null then
        perform app.notify_admins('DOCTOR_UNASSIGNED', v_payload);
    end if;
    perform app.report_over_capacity(array[tstzrange(v_appointment.start_at, v_appointment.end_at)])
    where exists (  -- it was held before the closure, which reported only what was confirmed
        select from app.closures x where x.start_at < v_appointment.end_at and x.end_at > v_appointment.start_at);
    perform app.notify_user(v_appointment.user_id, 'APPOINTMENT_CONFIRMED', v_payload);
    perform app.queue_sms(v_appointment.user_id, 'APPOINTMENT_CONFIRMED', appointment_id::text,
        app.render_sms(c.sms_confirmed_template, v_appointment.consultation_id, v_appointment.start_at))
    from app.system_config c;
end
$$;

comment on function app.confirm_appointment(uuid) is
    'Confirms the held seat of a locked, paid consultation: doctor, SCHEDULED, notifications, one SMS.';
