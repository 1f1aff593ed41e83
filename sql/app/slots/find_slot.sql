-- Not "capacity > 0", though that is meant: the exclusion's index would seem to serve, and be read whole while the table
-- is small.
create or replace function app.find_slot(start_at timestamptz, end_at timestamptz)
returns app.slots
language sql
set search_path = ''
as $$
    select s.* from app.slots s
    where s.start_at = find_slot.start_at and s.end_at = find_slot.end_at and s.capacity <> 0
    for no key update
$$;

comment on function app.find_slot(timestamptz, timestamptz) is 'Locks the slot''s row when there is one in use.';
