create or replace function api.read_notification(notification_id uuid)
returns api.notifications
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_result api.notifications;
begin
    update app.notifications n set is_read = true
    where n.id = notification_id
      and (n.user_id = app.current_user_id()
           or (n.target_role = 'ADMIN' and app.claims() ->> 'role' = 'app_admin'))
    returning n.id, n.type, n.payload, n.is_read, n.created_at into v_result;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such notification.');
    end if;
    return v_result;
end
$$;

comment on function api.read_notification(uuid) is
E'Mark a notification as read\n\nGives the notification. NOT_FOUND. For everybody who is signed in.';
grant execute on function api.read_notification(uuid) to app_user, app_doctor, app_admin;
