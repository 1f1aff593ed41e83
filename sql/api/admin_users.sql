create or replace view api.admin_users with (security_invoker = true) as
select u.id, u.role, u.name, u.mobile, u.is_active, u.last_login_at, u.created_at
from app.users u;

grant select on api.admin_users to app_admin;

comment on view api.admin_users is E'People, for admins\n\nOwners, doctors and admins. Filtered by rpc/search_users.';
