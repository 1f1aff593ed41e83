-- Everything is read once for the whole range, and counted per slot: the range decides how long it takes, not how many
-- appointments there ever were. An expired hold counts as free: nobody waits for the sweeper. No slot is longer than
-- four hours (slots_span_check), so that what began earlier can't reach into the range.
create or replace function app.slot_availability(first_day date, last_day date)
returns table (
    day date,
    start_at timestamptz,
    end_at timestamptz,
    capacity bigint,
    taken bigint,
    unavailable_reason text
)
language sql
stable
set search_path = ''
as $$
    with grid as materialized (
        select * from app.slot_grid(first_day, last_day)
    ), span as materialized (
        select min(g.start_at) as start_at, max(g.end_at) as end_at from grid g
    ), occupied as materialized (
        select a.start_at, a.end_at, count(*) as taken
        from app.appointments a
        where a.start_at > (select s.start_at - interval '4 hours' from span s)
          and a.start_at < (select s.end_at from span s)
          and a.status <> 'CANCELED'
          and (a.status <> 'HELD' or a.hold_expires_at > clock_timestamp())
        group by a.start_at, a.end_at
    ), off_grid as materialized (
        select o.start_at, o.end_at from occupied o where (o.start_at, o.end_at) not in (
            select g.start_at, g.end_at from grid g)
    ), away as materialized (
        select b.doctor_id, b.start_at, b.end_at from app.doctor_absences b, span s
        where b.start_at < s.end_at and b.end_at > s.start_at and b.doctor_id in (select d.id from app.active_doctors d)
    )
    select g.day, g.start_at, g.end_at, d.capacity, coalesce(o.taken, 0), coalesce(g.unavailable_reason, case
        when exists (select from off_grid f where f.start_at < g.end_at and f.end_at > g.start_at) then 'OVERLAPPED'
        when coalesce(o.taken, 0) >= d.capacity then 'FULL' end)
    from grid g
    cross join lateral (
        select (select count(*) from app.active_doctors) - count(distinct w.doctor_id) as capacity
        from away w where w.start_at < g.end_at and w.end_at > g.start_at
    ) d
    left join occupied o on o.start_at = g.start_at and o.end_at = g.end_at
$$;

comment on function app.slot_availability(date, date) is
    'The slots of the range with capacity, how many seats are taken, and why none can be: what app.slot_grid says,
OVERLAPPED (by an appointment of an earlier grid), FULL, or null.';
