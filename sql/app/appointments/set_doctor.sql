create or replace function app.set_doctor(appointment_id uuid, doctor_id uuid, reason jsonb)
returns void
language sql
set search_path = ''
as $$
    update app.appointments a
    set doctor_id = set_doctor.doctor_id, assignment_reason = reason, assigned_at = clock_timestamp()
    where a.id = appointment_id
$$;

comment on function app.set_doctor(uuid, uuid, jsonb) is 'Gives the appointment to a doctor, and keeps why.';
