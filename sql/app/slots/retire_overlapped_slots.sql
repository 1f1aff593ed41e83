-- Lock first, look in a later statement: only then does the look see what a competing hold has committed. The lock is
-- FOR UPDATE because capacity is part of the key that appointments refer to. Reads by start and not by the exclusion's
-- index (see app.find_slot): no slot is longer than four hours (slots_span_check).
create or replace function app.retire_overlapped_slots(start_at timestamptz, end_at timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_ids uuid[];
begin
    v_ids := array(
        select s.id from app.slots s
        where s.start_at > retire_overlapped_slots.start_at - interval '4 hours'
          and s.start_at < retire_overlapped_slots.end_at
          and s.end_at > retire_overlapped_slots.start_at
          and (s.start_at, s.end_at) <> (retire_overlapped_slots.start_at, retire_overlapped_slots.end_at)
          and s.capacity <> 0
        order by s.start_at
        for update);
    if v_ids = '{}' then
        return;
    end if;
    perform app.release_lapsed_holds(array(
        select a.id from app.appointments a
        where a.slot_id = any (v_ids) and a.status = 'HELD' and a.hold_expires_at <= clock_timestamp()));
    update app.slots s set capacity = 0
    where s.id = any (v_ids)
      and not exists (select from app.appointments a where a.slot_id = s.id and a.status <> 'CANCELED');
end
$$;

comment on function app.retire_overlapped_slots(timestamptz, timestamptz) is
    'Gives up slots of an earlier grid that overlap the range and are empty, or hold nothing but lapsed holds.';
