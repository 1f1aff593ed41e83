create or replace view api.appointments with (security_invoker = true) as
select
    a.id, a.consultation_id, a.user_id, a.doctor_id, a.start_at, a.end_at, a.timezone, a.status, a.hold_expires_at,
    a.outcome, a.version, a.created_at, a.updated_at
from app.appointments a;

grant select on api.appointments to app_user, app_doctor, app_admin;

comment on view api.appointments is E'Appointments\n\nSeats in slots: HELD until hold_expires_at, CONFIRMED, COMPLETED or
CANCELED. Written by rpc/hold_slot and rpc/release_hold, and by payments.';
