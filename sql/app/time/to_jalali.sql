-- The Persian calendar by the 33-year cycle of 8 leap years, which agrees with the astronomical one from 1178 to 1633.
-- Day 0 of the reckoning is the first day of the year -1595, 1,075,195 days before 1970-01-02; 12,053 days are a
-- cycle of 33 years, 1,461 days four years.
create or replace function app.to_jalali(day date)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    with reckoned as (
        select (day - date '1970-01-01') + 1075195 as days
    ), cycled as (
        select -1595 + 33 * (days / 12053) + 4 * (days % 12053 / 1461) as year, days % 12053 % 1461 as days
        from reckoned
    ), yeared as (
        select
            year + case when days > 365 then (days - 1) / 365 else 0 end as year,
            case when days > 365 then (days - 1) % 365 else days end as days
        from cycled
    )
    select case
        when days < 186 then format('%s-%s-%s', year, lpad((1 + days / 31)::text, 2, '0'),
                                    lpad((1 + days % 31)::text, 2, '0'))
        else format('%s-%s-%s', year, lpad((7 + (days - 186) / 30)::text, 2, '0'),
                    lpad((1 + (days - 186) % 30)::text, 2, '0'))
    end
    from yeared
$$;

comment on function app.to_jalali(date) is 'The Jalali date of a Gregorian one, as YYYY-MM-DD in Latin digits.';
