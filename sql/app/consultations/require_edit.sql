create or replace function app.require_edit(
    status app.consultation_status,
    doctor_id uuid,
    start_at timestamptz,
    outcome app.appointment_outcome
)
returns void
language sql
set search_path = ''
as $$
    select app.fail_validation(jsonb_build_object(
        'body', case when num_nonnulls(status, doctor_id, start_at, outcome) = 0 then 'Give something to change.' end,
        'status', case when status not in ('SCHEDULED', 'COMPLETED', 'CANCELED')
            then 'Give SCHEDULED, COMPLETED or CANCELED: the others come about by themselves.' end,
        'outcome', case when outcome is not null and status in ('SCHEDULED', 'CANCELED')
            then 'Only a call that is completed has an outcome.' end,
        'start_at', case when status = 'CANCELED' and num_nonnulls(doctor_id, start_at) > 0
            then 'What is canceled has no time and no doctor.' end))
$$;

comment on function app.require_edit(app.consultation_status, uuid, timestamptz, app.appointment_outcome) is
    'VALIDATION_FAILED unless it is a change that an admin can make at once.';
