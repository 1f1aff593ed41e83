create or replace view api.doctors with (security_invoker = true) as
select d.id, d.display_name, d.is_active
from app.doctors d;

grant select on api.doctors to app_user, app_doctor, app_admin;

comment on view api.doctors is E'Doctors\n\nThe veterinarians of the clinic, by the name shown to owners.';
