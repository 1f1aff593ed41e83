-- The slot's row is made when it is first held, and locked FOR NO KEY UPDATE, which the foreign key of somebody else's
-- appointment does not wait for; who has just made it needs no lock. ON CONFLICT has no target: both the exclusion and
-- a twin may be in the way. Slots of an earlier grid that overlap and are empty are retired; one that is occupied
-- stays, and this time is not offered.
create or replace function app.lock_slot(start_at timestamptz, end_at timestamptz)
returns app.slots
language plpgsql
set search_path = ''
as $$
declare
    v_slot app.slots := app.find_slot(start_at, end_at);
begin
    if v_slot.id is not null then
        return v_slot;
    end if;
    perform app.retire_overlapped_slots(start_at, end_at);
    insert into app.slots as s (start_at, end_at, capacity)
    select lock_slot.start_at, lock_slot.end_at, count(*)
    from app.available_doctors(lock_slot.start_at, lock_slot.end_at)
    having count(*) > 0
    on conflict do nothing
    returning s.* into v_slot;
    return case when found then v_slot else app.find_slot(start_at, end_at) end;
end
$$;

comment on function app.lock_slot(timestamptz, timestamptz) is
    'The locked row of the slot; null when nobody could take calls then, or another grid''s slot is in the way.';
