create or replace view api.admin_absences with (security_invoker = true) as
select b.id, b.doctor_id, d.display_name as doctor_name, b.start_at, b.end_at, b.reason, b.created_at, b.updated_at
from app.doctor_absences b
join app.doctors d on d.id = b.doctor_id;

grant select on api.admin_absences to app_admin;

comment on view api.admin_absences is E'Doctors'' absences\n\nFor admins. Written by rpc/create_absence, rpc/update_absence and
rpc/delete_absence.';
