create or replace function app.take_seat(
    consultation app.consultations,
    start_at timestamptz,
    end_at timestamptz,
    hold_for interval default null
)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_slot app.slots := app.lock_slot(start_at, end_at);
    v_lane smallint;
    v_appointment_id uuid;
begin
    if v_slot.id is not null then
        v_lane := app.free_lane(v_slot);
    end if;
    if v_lane is null then
        return null;
    end if;
    insert into app.appointments as a (
        consultation_id, user_id, slot_id, slot_capacity, lane, start_at, end_at, timezone, status, hold_expires_at)
    select consultation.id, consultation.user_id, s.id, s.capacity, v_lane, s.start_at, s.end_at, c.tz, 'HELD',
           clock_timestamp() + coalesce(hold_for, make_interval(mins => c.hold_minutes))
    from app.slots s, app.system_config c
    where s.id = v_slot.id
    returning a.id into v_appointment_id;
    return v_appointment_id;
end
$$;

comment on function app.take_seat(app.consultations, timestamptz, timestamptz, interval) is
    'Holds a seat for the locked consultation, as long as is configured unless said; null when the slot is full.';
