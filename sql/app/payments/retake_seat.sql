create or replace function app.retake_seat(
    payment app.payments,
    consultation app.consultations,
    hold_for interval
)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_seat app.appointments;
begin
    select a.* into strict v_seat from app.appointments a where a.id = payment.appointment_id;
    if v_seat.start_at <= clock_timestamp() or exists (
        select from app.closures x where x.start_at < v_seat.end_at and x.end_at > v_seat.start_at
    ) then
        return null;
    end if;
    return app.take_seat(consultation, v_seat.start_at, v_seat.end_at, hold_for);
end
$$;

comment on function app.retake_seat(app.payments, app.consultations, interval) is
    'Holds a seat in the slot that was paid for and lost; null when that is full, past or closed.';
