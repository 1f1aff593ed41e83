-- The one definition of what is offered, for the list and for the hold: open weekdays, hours and interval are meant in
-- the clinic's zone, slots are instants. Only the opening and the closing are wall time: between them a slot follows
-- the other, also on a day on which the clocks change. The limits are what can be asked for and what a day can hold (24
-- hours of 5 minutes): they tell the planner, who would reckon with a million slots and compile the query (JIT).
-- No SET clause, so that it is inlined.
create or replace function app.slot_grid(first_day date, last_day date)
returns table (day date, start_at timestamptz, end_at timestamptz, unavailable_reason text)
language sql
stable
as $$
    select d.day, s.start_at, s.start_at + c.length, case
        when s.start_at <= clock_timestamp() then 'PAST'
        when d.day > (clock_timestamp() at time zone c.tz)::date + c.booking_horizon_days then 'BEYOND_HORIZON'
        when exists (
            select from app.closures x where x.start_at < s.start_at + c.length and x.end_at > s.start_at
        ) then 'CLOSED'
    end
    from (select s.*, make_interval(mins => s.slot_minutes) as length from app.system_config s) c
    cross join lateral (
        select first_day + n as day from generate_series(0, last_day - first_day) as n limit 62
    ) d
    cross join lateral (
        select generate_series(
            (d.day + make_interval(hours => c.start_hour)) at time zone c.tz,
            (d.day + make_interval(hours => c.end_hour)) at time zone c.tz - c.length,
            c.length) as start_at
        limit 288
    ) s
    where extract(isodow from d.day)::smallint = any (c.open_weekdays)
$$;

comment on function app.slot_grid(date, date) is
    'The slots of the open days in the range (clinic''s days), each with why it can''t be booked at all, or null.';
