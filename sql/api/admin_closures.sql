create or replace view api.admin_closures with (security_invoker = true) as
select c.id, c.start_at, c.end_at, c.reason, c.created_at, c.updated_at
from app.closures c;

grant select on api.admin_closures to app_admin;

comment on view api.admin_closures is E'Closures of the clinic\n\nFor admins. Written by rpc/create_closure, rpc/update_closure and
rpc/delete_closure.';
