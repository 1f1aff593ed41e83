-- Called after app.lock_slot found no seat: an overlapping slot that is still in use by then is occupied.
create or replace function app.refuse_seat(start_at timestamptz, end_at timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if exists (
        select from app.slots s
        where s.start_at > refuse_seat.start_at - interval '4 hours'
          and s.start_at < refuse_seat.end_at
          and s.end_at > refuse_seat.start_at
          and (s.start_at, s.end_at) <> (refuse_seat.start_at, refuse_seat.end_at)
          and s.capacity <> 0
    ) then
        perform app.fail('SLOT_NOT_OFFERED', 'This time is not offered.', '{"rule": "OVERLAPPED"}');
    end if;
    perform app.fail('SLOT_FULL', 'This slot is full.',
                     jsonb_build_object('nearest_free_slots', app.nearest_free_slots(start_at)));
end
$$;

comment on function app.refuse_seat(timestamptz, timestamptz) is
    'SLOT_NOT_OFFERED when an appointment of an earlier grid is in the way, else SLOT_FULL.';
