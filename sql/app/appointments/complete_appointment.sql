create or replace function app.complete_appointment(seat app.appointments, outcome app.appointment_outcome)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if seat.status is distinct from 'CONFIRMED' then
        perform app.fail('INVALID_STATE', 'Only a confirmed appointment can be completed.',
                         jsonb_build_object('status', seat.status));
    elsif seat.start_at > clock_timestamp() then
        perform app.fail('INVALID_STATE', 'The appointment has not begun.',
                         jsonb_build_object('status', seat.status, 'start_at', seat.start_at));
    end if;
    update app.appointments a
    set status = 'COMPLETED', outcome = coalesce(complete_appointment.outcome, 'TOOK_PLACE')
    where a.id = seat.id;
    update app.consultations c set status = 'COMPLETED' where c.id = seat.consultation_id;
end
$$;

comment on function app.complete_appointment(app.appointments, app.appointment_outcome) is
    'Ends the locked consultation''s confirmed appointment, which must have begun; TOOK_PLACE unless said. INVALID_STATE.';
