-- Joined, so that a date is turned once a day and not once a row: that is what makes an export fast.
-- No SET clause, so that it is inlined.
create or replace function app.calendar()
returns table (day date, jalali text)
language sql
stable
as $$
    with days as materialized (
        select g.day::date as day, app.to_jalali(g.day::date) as jalali
        from generate_series(
            (select coalesce(min(c.created_at), now()) from app.consultations c) - interval '1 day',
            now() + interval '400 days', interval '1 day') as g (day)
    )
    select d.day, d.jalali from days d
$$;

comment on function app.calendar() is
    'Every day from the first consultation to the last appointment that can be, with its Jalali date.';
grant execute on function app.calendar() to app_admin;
grant execute on function app.to_jalali(date) to app_admin;
