create or replace function app.edit_status(
    consultation_id uuid,
    status app.consultation_status,
    outcome app.appointment_outcome
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_consultation(consultation_id);
    v_seat app.appointments := app.live_appointment(consultation_id);
begin
    case
        when status = 'CANCELED' then
            perform app.cancel_by_clinic(v_consultation, v_seat);
        when status = 'COMPLETED' then
            perform app.require_status(v_consultation, 'SCHEDULED');
            perform app.complete_appointment(v_seat, outcome);
        when status = 'SCHEDULED' then  -- reached by payment and seat alone: start_at gives the seat
            perform app.require_status(v_consultation, 'SCHEDULED');
        when outcome is not null then
            perform app.correct_outcome(consultation_id, outcome);
        else
            null;
    end case;
end
$$;

comment on function app.edit_status(uuid, app.consultation_status, app.appointment_outcome) is
    'Brings the consultation to the status that an admin wants, with all that belongs to it. INVALID_STATE.';
