-- Lock first, look in a later statement: only then does the look see what a competing hold has committed.
create or replace function app.retire_overlapped_slots(start_at timestamptz, end_at timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_span tstzrange := tstzrange(start_at, end_at);
    v_ids uuid[];
begin
    v_ids := array(
        select s.id from app.slots s
        where s.capacity > 0 and tstzrange(s.start_at, s.end_at) && v_span
          and (s.start_at, s.end_at) <> (retire_overlapped_slots.start_at, retire_overlapped_slots.end_at)
        order by s.start_at
        for update);
    update app.slots s set capacity = 0
    where s.id = any (v_ids)
      and not exists (select from app.appointments a where a.slot_id = s.id and a.status <> 'CANCELED');
end
$$;

comment on function app.retire_overlapped_slots(timestamptz, timestamptz) is
    'Gives up empty slots of an earlier grid that overlap the range.';
