create or replace function api.update_doctor(
    doctor_id uuid,
    display_name text default null,
    is_active boolean default null
)
returns api.admin_doctors
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_result api.admin_doctors;
begin
    perform app.require_admin();
    perform app.require_doctor(doctor_id);
    perform app.fail_validation(jsonb_build_object(
        'display_name', case when display_name is not null then app.name_fault(display_name) end));
    update app.doctors d
    set display_name = coalesce(btrim(update_doctor.display_name), d.display_name),
        is_active = coalesce(update_doctor.is_active, d.is_active)
    where d.id = doctor_id;
    select d.* into strict v_result from api.admin_doctors d where d.id = doctor_id;
    return v_result;
end
$$;

comment on function api.update_doctor(uuid, text, boolean) is
E'Change a doctor\n\nWhat is not given stays. Deactivation takes the doctor out of the capacity at once; appointments that are
confirmed stay, and are reported as OVER_CAPACITY when they are too many then (rpc/preview_deactivation shows them before).
Gives the doctor. FORBIDDEN, NOT_FOUND, VALIDATION_FAILED. For admins.';
grant execute on function api.update_doctor(uuid, text, boolean) to app_admin;
