create or replace function app.notify_user(user_id uuid, type app.notification_type, payload jsonb)
returns void
language sql
set search_path = ''
as $$
    insert into app.notifications (target_role, user_id, type, payload)
    select u.role, u.id, notify_user.type, notify_user.payload from app.users u where u.id = notify_user.user_id
$$;

comment on function app.notify_user(uuid, app.notification_type, jsonb) is 'One notification for one person.';
