create or replace function api.read_admin_notification(notification_id uuid)
returns api.notifications
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    return api.read_notification(notification_id);
end
$$;

comment on function api.read_admin_notification(uuid) is
E'Mark a notification for admins as read\n\nFor all admins. Gives the notification. FORBIDDEN, NOT_FOUND. For admins.';
grant execute on function api.read_admin_notification(uuid) to app_admin;
