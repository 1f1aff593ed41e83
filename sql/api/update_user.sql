create or replace function api.update_user(
    user_id uuid,
    name text default null,
    mobile text default null,
    is_active boolean default null
)
returns api.admin_users
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    return app.change_user(user_id, name, mobile, is_active);
end
$$;

comment on function api.update_user(uuid, text, text, boolean) is
E'Change a person\n\nWhat is not given stays. Deactivation ends every session at once, and takes a doctor out of the capacity
(rpc/preview_user_deactivation shows before what that means). Gives the person. FORBIDDEN, NOT_FOUND, VALIDATION_FAILED,
CONFLICT (the mobile), INVALID_STATE (the last active admin). For admins.';
grant execute on function api.update_user(uuid, text, text, boolean) to app_admin;
