-- An expired hold counts as free: nobody waits for the sweeper.
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
    ), occupied as (
        select a.start_at, a.end_at, count(*) as taken
        from app.appointments a
        where a.start_at >= (select min(g.start_at) from grid g)
          and a.start_at <= (select max(g.start_at) from grid g)
          and a.status <> 'CANCELED'
          and (a.status <> 'HELD' or a.hold_expires_at > clock_timestamp())
        group by a.start_at, a.end_at
    )
    select g.day, g.start_at, g.end_at, d.capacity, coalesce(o.taken, 0), g.unavailable_reason
    from grid g
    cross join lateral (
        select count(*) as capacity from app.available_doctors(g.start_at, g.end_at)
    ) d
    left join occupied o on o.start_at = g.start_at and o.end_at = g.end_at
$$;

comment on function app.slot_availability(date, date) is 'The slots of the range with their capacity and how many are taken.';
