create or replace function app.tg_appointments__assigned()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if tg_op = 'INSERT' or old.doctor_id is distinct from new.doctor_id then
        perform app.audit('DOCTOR_ASSIGNED', 'appointment', new.id, jsonb_build_object(
            'doctor_id', new.doctor_id, 'reason', new.assignment_reason));
    end if;
    return null;
end
$$;

comment on function app.tg_appointments__assigned() is 'Logs every assignment of a doctor, with its reason.';
