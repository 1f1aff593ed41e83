create or replace function app.hold_seat(
    consultation app.consultations,
    seat app.appointments,
    start_at timestamptz,
    end_at timestamptz
)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_appointment_id uuid := seat.id;
begin
    if seat.id is null then
        v_appointment_id := app.take_seat(consultation, start_at, end_at);
    elsif not app.move_seat(seat, start_at, end_at) then
        v_appointment_id := null;
    end if;
    if v_appointment_id is null then
        perform app.refuse_seat(start_at, end_at);
    elsif consultation.status = 'PAID' then
        perform app.confirm_appointment(v_appointment_id);
    elsif consultation.status = 'DETAILS_SUBMITTED' then
        update app.consultations c set status = 'SLOT_HELD' where c.id = consultation.id;
    end if;
    return v_appointment_id;
end
$$;

comment on function app.hold_seat(app.consultations, app.appointments, timestamptz, timestamptz) is
    'Takes a seat for the consultation or moves the one it has; a paid one is confirmed at once. SLOT_FULL,
SLOT_NOT_OFFERED.';
