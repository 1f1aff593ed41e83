create or replace view api.me with (security_invoker = true) as
select u.id, u.role, u.name, u.mobile, u.last_login_at, u.created_at
from app.users u
where u.id = (select app.current_user_id());

grant select on api.me to app_user, app_doctor, app_admin;

comment on view api.me is E'The signed-in person\n\nOne row.';
