create or replace function sidecar.create_doctor(name text, mobile text, password_hash text, display_name text)
returns api.admin_doctors
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user_id uuid;
    v_result api.admin_doctors;
begin
    perform app.require_admin();
    v_user_id := app.create_user('DOCTOR', name, mobile, password_hash, display_name);
    select d.* into strict v_result from api.admin_doctors d where d.user_id = v_user_id;
    return v_result;
end
$$;

comment on function sidecar.create_doctor(text, text, text, text) is
    'Makes a doctor with an account for the signed-in admin; owners see display_name, or the name when it is null.
FORBIDDEN, VALIDATION_FAILED, CONFLICT.';
grant execute on function sidecar.create_doctor(text, text, text, text) to sidecar;
