-- The way of a hold (app.hold_seat), under the same rules, but for one: a confirmed seat may be moved as well. It keeps
-- its doctor when he is free then (app.move_seat).
create or replace function app.reschedule(
    consultation app.consultations,
    seat app.appointments,
    start_at timestamptz,
    is_doctor_given boolean
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_appointment_id uuid;
begin
    if seat.start_at = reschedule.start_at then
        return;
    elsif consultation.status <> 'SCHEDULED' then
        perform app.require_holdable(consultation, seat);
    end if;
    v_appointment_id := app.hold_seat(consultation, seat, start_at, app.require_offered_slot(start_at));
    if not is_doctor_given then
        perform app.replace_doctor(v_appointment_id);
    end if;
end
$$;

comment on function app.reschedule(app.consultations, app.appointments, timestamptz, boolean) is
    'Moves the seat of the locked consultation, or takes one: HELD when it is unpaid, CONFIRMED when it is paid. Another
doctor is chosen where the old one is not free, unless an admin names one. SLOT_FULL, SLOT_NOT_OFFERED, INVALID_STATE,
PAYMENT_IN_PROGRESS.';
