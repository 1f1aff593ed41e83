create or replace view api.notifications with (security_invoker = true) as
select n.id, n.type, n.payload, n.is_read, n.created_at
from app.notifications n;

grant select on api.notifications to app_user, app_doctor, app_admin;

comment on view api.notifications is E'Notifications\n\nOne''s own; admins see those for all admins. Marked by
rpc/read_notification.';
