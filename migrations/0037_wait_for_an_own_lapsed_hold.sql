-- wait for an own lapsed hold
-- depends: 0036_say_that_no_cancellation_is_a_move

-- from sql/api/hold_slot.sql
-- The way to a seat. Locks in the order consultation, person, slots by time; capacity itself is not decided here but by
-- the constraints of app.appointments.
create or replace function api.hold_slot(consultation_id uuid, start_at timestamptz default null)
returns api.appointments
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
    v_seat app.appointments;
    v_end_at timestamptz;
    v_appointment_id uuid;
    v_result api.appointments;
begin
    if not coalesce(isfinite(start_at), false) then
        perform app.fail_validation('{"start_at": "Give the start."}');
    end if;
    v_seat := app.live_appointment(v_consultation.id);
    if v_seat.hold_expires_at <= clock_timestamp() then
        -- The release passes over what is locked, as it is while the slot's capacity is being raised: wait for that.
        perform from app.appointments a where a.id = v_seat.id for no key update;
        perform app.release_lapsed_holds(array[v_seat.id]);
        v_seat := app.live_appointment(v_consultation.id);
        v_consultation := app.lock_own_consultation(v_consultation.id);
    end if;
    perform app.require_holdable(v_consultation, v_seat);
    if v_seat.start_at is distinct from hold_slot.start_at then
        v_end_at := app.require_offered_slot(start_at);
        if v_consultation.status <> 'PAID' then  -- a paid seat is confirmed at once: nothing is held
            perform app.require_hold_allowance(v_consultation.user_id, v_consultation.id);
        end if;
        v_appointment_id := app.hold_seat(v_consultation, v_seat, start_at, v_end_at);
    end if;
    select a.* into strict v_result from api.appointments a where a.id = coalesce(v_appointment_id, v_seat.id);
    return v_result;
end
$$;

comment on function api.hold_slot(uuid, timestamptz) is
E'Hold a slot\n\nKeeps a seat in the slot that begins at start_at (an instant with its offset) for a quarter of an hour, or
confirms it at once when the consultation is PAID and has none. The same slot again gives the same hold; another slot
moves it, and its end stays. Gives the appointment. SLOT_FULL (details: the nearest free slots), SLOT_NOT_OFFERED
(details: the rule), INVALID_STATE, PAYMENT_IN_PROGRESS, TOO_MANY_HOLDS, NOT_FOUND, VALIDATION_FAILED. For owners.';
grant execute on function api.hold_slot(uuid, timestamptz) to app_user;
-- end of sql/api/hold_slot.sql
