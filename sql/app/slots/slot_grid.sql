-- The one definition of what is offered, for the list and for the hold: open weekdays, hours and interval are meant in
-- the clinic's zone, slots are instants. No SET clause, so that it is inlined.
create or replace function app.slot_grid(first_day date, last_day date)
returns table (day date, start_at timestamptz, end_at timestamptz, unavailable_reason text)
language sql
stable
as $$
    select d.day, s.start_at, s.end_at, case
        when s.start_at <= clock_timestamp() then 'PAST'
        when d.day > (clock_timestamp() at time zone c.tz)::date + c.booking_horizon_days then 'BEYOND_HORIZON'
        when exists (
            select from app.closures x where x.start_at < s.end_at and x.end_at > s.start_at
        ) then 'CLOSED'
    end
    from app.system_config c
    cross join lateral (
        select first_day + n as day from generate_series(0, last_day - first_day) as n
    ) d
    cross join lateral generate_series(0, (c.end_hour - c.start_hour) * 60 / c.slot_minutes - 1) as n
    cross join lateral (
        select
            (d.day + make_interval(hours => c.start_hour, mins => n * c.slot_minutes)) at time zone c.tz as start_at,
            (d.day + make_interval(hours => c.start_hour, mins => (n + 1) * c.slot_minutes)) at time zone c.tz as end_at
    ) s
    where extract(isodow from d.day)::smallint = any (c.open_weekdays)
$$;

comment on function app.slot_grid(date, date) is
    'The slots of the open days in the range (clinic''s days), each with why it can''t be booked at all, or null.';
