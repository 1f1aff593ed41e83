create or replace function app.require_doctor(doctor_id uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    perform app.fail_validation(
        jsonb_build_object('doctor_id', case when doctor_id is null then 'Give the doctor.' end));
    if not exists (select from app.doctors d where d.id = require_doctor.doctor_id) then
        perform app.fail('NOT_FOUND', 'There is no such doctor.');
    end if;
end
$$;

comment on function app.require_doctor(uuid) is
    'NOT_FOUND unless there is this doctor, VALIDATION_FAILED when none is named.';
