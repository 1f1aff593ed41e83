-- Locks the consultation first, like everything that changes it; only then is it certain whose the appointment is.
create or replace function api.complete_appointment(
    appointment_id uuid,
    outcome app.appointment_outcome default null
)
returns api.doctor_appointments
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_seat app.appointments;
    v_result api.doctor_appointments;
begin
    perform app.lock_consultation(a.consultation_id)
    from app.appointments a
    where a.id = appointment_id and a.doctor_id = app.current_doctor_id();
    select a.* into v_seat
    from app.appointments a
    where a.id = appointment_id and a.doctor_id = app.current_doctor_id();
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such appointment.');
    end if;
    perform app.complete_appointment(v_seat, outcome);
    select v.* into strict v_result from api.doctor_appointments v where v.id = appointment_id;
    return v_result;
end
$$;

comment on function api.complete_appointment(uuid, app.appointment_outcome) is
E'End a call\n\nThe doctor''s own confirmed appointment, once it has begun: it and its consultation are COMPLETED, with the
outcome TOOK_PLACE unless NO_SHOW is given. Gives the appointment. NOT_FOUND, INVALID_STATE. For doctors.';
grant execute on function api.complete_appointment(uuid, app.appointment_outcome) to app_doctor;
