create or replace view api.admin_doctors with (security_invoker = true) as
select
    d.id, d.user_id, d.display_name, d.is_active, u.name, u.mobile, u.is_active as is_user_active,
    d.is_active and u.is_active and u.role = 'DOCTOR' as takes_calls, d.created_at, d.updated_at
from app.doctors d
join app.users u on u.id = d.user_id;

grant select on api.admin_doctors to app_admin;

comment on view api.admin_doctors is E'Doctors, for admins\n\nWith their accounts: takes_calls says whether the doctor counts for
the capacity. Changed by rpc/update_doctor; the account by rpc/update_user.';
