create or replace function sidecar.update_user(
    user_id uuid,
    name text,
    mobile text,
    is_active boolean,
    password_hash text
)
returns api.admin_users
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    return app.change_user(user_id, name, mobile, is_active, password_hash);
end
$$;

comment on function sidecar.update_user(uuid, text, text, boolean, text) is
    'Changes what is not null of a person, as api.update_user does, and sets a new password. FORBIDDEN, NOT_FOUND,
VALIDATION_FAILED, CONFLICT, INVALID_STATE.';
grant execute on function sidecar.update_user(uuid, text, text, boolean, text) to sidecar;
