-- Both slots are locked in order of time, so that two people who swap slots never wait for each other in a circle. The
-- new seat is found before the old one is given up, in one update; hold_expires_at stays, so that going back and forth
-- gains nothing. The doctor of a confirmed seat comes along if he is free then, else the seat has none (slots come before
-- doctors in the lock order).
create or replace function app.move_seat(appointment app.appointments, start_at timestamptz, end_at timestamptz)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_slot app.slots;
    v_lane smallint;
begin
    if start_at > appointment.start_at then
        perform app.find_slot(appointment.start_at, appointment.end_at);
        v_slot := app.lock_slot(start_at, end_at);
    else
        v_slot := app.lock_slot(start_at, end_at);
        perform app.find_slot(appointment.start_at, appointment.end_at);
    end if;
    if v_slot.id is not null then
        v_lane := app.free_lane(v_slot);
    end if;
    if v_lane is null then
        return false;
    end if;
    if appointment.doctor_id is not null then
        perform app.lock_doctors();
        if not app.is_doctor_free(appointment.doctor_id, v_slot) then
            appointment.doctor_id := null;
            appointment.assigned_at := null;
            appointment.assignment_reason := null;
        end if;
    end if;
    update app.appointments a
    set slot_id = s.id, slot_capacity = s.capacity, lane = v_lane, start_at = s.start_at, end_at = s.end_at,
        doctor_id = appointment.doctor_id, assigned_at = appointment.assigned_at,
        assignment_reason = appointment.assignment_reason
    from app.slots s
    where a.id = appointment.id and s.id = v_slot.id;
    perform app.audit('SLOT_CHANGED', 'appointment', appointment.id,
                      jsonb_build_object('from', appointment.start_at, 'to', start_at));
    return true;
end
$$;

comment on function app.move_seat(app.appointments, timestamptz, timestamptz) is
    'Moves a live seat to another slot; false when that one is full.';
