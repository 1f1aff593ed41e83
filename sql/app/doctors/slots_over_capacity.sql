-- Confirmed seats only, and of the future: what is held may never be paid, and what is past is past. By
-- statement_timestamp(), since a volatile function can't be the condition of an index.
create or replace function app.slots_over_capacity()
returns setof uuid
language sql
stable
set search_path = ''
as $$
    select s.slot_id
    from (
        select a.slot_id, a.start_at, a.end_at, count(*) as confirmed
        from app.appointments a
        where a.status = 'CONFIRMED' and a.status <> 'CANCELED' and a.start_at > statement_timestamp()
        group by a.slot_id, a.start_at, a.end_at
    ) s
    where s.confirmed > (select count(*) from app.available_doctors(s.start_at, s.end_at))
$$;

comment on function app.slots_over_capacity() is 'Slots to come with more confirmed appointments than doctors.';
