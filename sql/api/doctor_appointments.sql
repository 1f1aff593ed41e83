-- What belongs to a call stands in the list of columns, and not in a join: so it is looked for once the rows that are
-- shown have been found, in whatever order they are asked for.
create or replace view api.doctor_appointments with (security_invoker = true) as
select
    a.id, a.start_at, a.end_at, a.status, a.outcome, a.version, a.created_at, a.updated_at,
    app.call_of_doctor(a.id) -> 'owner' as owner,
    app.call_of_doctor(a.id) -> 'pet' as pet,
    app.call_of_doctor(a.id) -> 'consultation' as consultation,
    app.call_of_doctor(a.id) -> 'media' as media
from app.appointments a;

grant select on api.doctor_appointments to app_doctor;

comment on view api.doctor_appointments is E'Appointments, for doctors\n\nThe doctor''s own, each with the owner to call, the
pet (deleted or not), the problem as the owner described it, and the files. Of a canceled one only the times are shown, the
rest is null. Filtered by rpc/search_doctor_appointments, ended by rpc/complete_appointment.';
