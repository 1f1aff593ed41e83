-- OFFSET 0: what belongs to a call is looked up once a row, and not once a column.
create or replace view api.doctor_appointments with (security_invoker = true) as
select
    a.id, a.start_at, a.end_at, a.status, a.outcome, a.version, a.created_at, a.updated_at,
    c.call -> 'owner' as owner, c.call -> 'pet' as pet, c.call -> 'consultation' as consultation,
    c.call -> 'media' as media
from app.appointments a
cross join lateral (select app.call_of_doctor(a.id) as call offset 0) c;

grant select on api.doctor_appointments to app_doctor;

comment on view api.doctor_appointments is E'Appointments, for doctors\n\nThe doctor''s own, each with the owner to call, the
pet (deleted or not), the problem as the owner described it, and the files. Of a canceled one only the times are shown, the
rest is null. Filtered by rpc/search_doctor_appointments, ended by rpc/complete_appointment.';
