create or replace function app.replace_doctor(appointment_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_appointment app.appointments;
    v_doctor record;
begin
    select a.* into strict v_appointment from app.appointments a where a.id = appointment_id;
    if v_appointment.status <> 'CONFIRMED' or v_appointment.doctor_id is not null then
        return;
    end if;
    v_doctor := app.choose_doctor(v_appointment);
    if v_doctor.doctor_id is not null then
        perform app.set_doctor(appointment_id, v_doctor.doctor_id, v_doctor.reason);
    else
        perform app.notify_admins('DOCTOR_UNASSIGNED', jsonb_build_object(
            'consultation_id', v_appointment.consultation_id, 'appointment_id', appointment_id,
            'start_at', v_appointment.start_at, 'doctor_id', null));
    end if;
end
$$;

comment on function app.replace_doctor(uuid) is
    'Gives a confirmed appointment without a doctor to the one whose turn it is, or tells admins that nobody is free.';
