create or replace function app.correct_outcome(consultation_id uuid, outcome app.appointment_outcome)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_seat app.appointments;
begin
    select a.* into v_seat from app.appointments a
    where a.consultation_id = correct_outcome.consultation_id and a.status = 'COMPLETED';
    if not found then
        perform app.fail('INVALID_STATE', 'Only a call that is completed has an outcome.');
    elsif v_seat.outcome is distinct from correct_outcome.outcome then
        update app.appointments a set outcome = correct_outcome.outcome where a.id = v_seat.id;
        perform app.audit('APPOINTMENT_OUTCOME_CHANGED', 'appointment', v_seat.id, jsonb_build_object(
            'outcome', correct_outcome.outcome, 'before', v_seat.outcome));
    end if;
end
$$;

comment on function app.correct_outcome(uuid, app.appointment_outcome) is
    'Says otherwise how the completed call of the locked consultation went. INVALID_STATE.';
