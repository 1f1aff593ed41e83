create or replace view api.admin_notifications with (security_invoker = true) as
select n.id, n.type, n.payload, n.is_read, n.created_at
from app.notifications n
where n.target_role = 'ADMIN';

grant select on api.admin_notifications to app_admin;

comment on view api.admin_notifications is E'Notifications for admins\n\nThe same that an admin sees in notifications. Marked by
rpc/read_admin_notification.';
