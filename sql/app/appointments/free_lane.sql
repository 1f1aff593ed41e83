-- Called under the slot's lock. Today's number of doctors decides; the slot's capacity is only ever raised to it, since
-- appointments that are there already may need the lanes above it.
create or replace function app.free_lane(slot app.slots)
returns smallint
language plpgsql
set search_path = ''
as $$
declare
    v_doctors integer;
    v_taken integer;
begin
    perform app.release_lapsed_holds(array(
        select a.id from app.appointments a
        where a.slot_id = slot.id and a.status = 'HELD' and a.hold_expires_at <= clock_timestamp()));
    select count(*) into v_doctors from app.available_doctors(slot.start_at, slot.end_at);
    select count(*) into v_taken from app.appointments a where a.slot_id = slot.id and a.status <> 'CANCELED';
    if v_taken >= v_doctors then
        return null;
    end if;
    if v_doctors > slot.capacity then
        update app.slots s set capacity = v_doctors where s.id = slot.id;
    end if;
    return (
        select min(l.lane) from generate_series(1, greatest(v_doctors, slot.capacity)) as l (lane)
        where not exists (
            select from app.appointments a where a.slot_id = slot.id and a.lane = l.lane and a.status <> 'CANCELED'));
end
$$;

comment on function app.free_lane(app.slots) is 'A free seat of the locked slot, or null when it is full.';
