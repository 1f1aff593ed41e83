create or replace function sidecar.create_user(role app.user_role, name text, mobile text, password_hash text)
returns api.admin_users
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user_id uuid;
    v_result api.admin_users;
begin
    perform app.require_admin();
    v_user_id := app.create_user(role, name, mobile, password_hash);
    select u.* into strict v_result from api.admin_users u where u.id = v_user_id;
    return v_result;
end
$$;

comment on function sidecar.create_user(app.user_role, text, text, text) is
    'Makes a person for the signed-in admin. FORBIDDEN, VALIDATION_FAILED, CONFLICT.';
grant execute on function sidecar.create_user(app.user_role, text, text, text) to sidecar;
