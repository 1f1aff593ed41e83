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
    v_lanes smallint[];
    v_lapsed uuid[];
    v_lane smallint := 1;
begin
    loop
        select count(*), coalesce(array_agg(a.lane), '{}'),
            array_agg(a.id) filter (where a.status = 'HELD' and a.hold_expires_at <= clock_timestamp()),
            (select count(*) from app.available_doctors(slot.start_at, slot.end_at))
        into v_taken, v_lanes, v_lapsed, v_doctors
        from app.appointments a
        where a.slot_id = slot.id and a.status <> 'CANCELED';
        exit when v_lapsed is null or app.release_lapsed_holds(v_lapsed) = 0;
    end loop;
    if v_taken >= v_doctors then
        return null;
    end if;
    if v_doctors > slot.capacity then
        update app.slots s set capacity = v_doctors where s.id = slot.id;
    end if;
    while v_lane = any (v_lanes) loop  -- ends below v_doctors or the capacity, since fewer are taken
        v_lane := v_lane + 1;
    end loop;
    return v_lane;
end
$$;

comment on function app.free_lane(app.slots) is
    'A free seat of the locked slot, or null when it is full; lapsed holds in it are released first.';
