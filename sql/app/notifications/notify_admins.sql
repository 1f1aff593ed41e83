create or replace function app.notify_admins(type app.notification_type, payload jsonb)
returns void
language sql
set search_path = ''
as $$
    insert into app.notifications (target_role, type, payload)
    values ('ADMIN', notify_admins.type, notify_admins.payload)
$$;

comment on function app.notify_admins(app.notification_type, jsonb) is 'One notification that every admin sees.';
