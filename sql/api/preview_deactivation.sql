create or replace function api.preview_deactivation(doctor_id uuid default null)
returns setof app.affected_appointment
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.require_doctor(doctor_id);
    return query select * from app.affected_appointments(clock_timestamp(), 'infinity', doctor_id);
end
$$;

comment on function api.preview_deactivation(uuid) is
E'Preview a deactivation\n\nThe held and confirmed appointments that losing the doctor would affect from now on, as
rpc/preview_absence lists them. FORBIDDEN, VALIDATION_FAILED, NOT_FOUND. For admins.';
grant execute on function api.preview_deactivation(uuid) to app_admin;
