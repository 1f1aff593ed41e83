-- The part of cron's language that cron, pg_cron and the runner's library read alike: five fields of numbers, ranges,
-- lists and steps. Names, @daily and the like are left out.
create or replace function app.is_cron_schedule(schedule text)
returns boolean
language sql
immutable
parallel safe
set search_path = ''
as $$
    select count(*) = 5 and bool_and(b.low is not null and not exists (
        select from string_to_table(s.field, ',') item
        -- A step follows a star or a range; 1 and 2 are the range's ends, 3 is a number alone.
        cross join lateral (
            select regexp_match(item, '^(?:(?:\*|(\d\d?)-(\d\d?))(?:/[1-9]\d?)?|(\d\d?))$') as parts
        ) m
        where m.parts is null
           or coalesce(m.parts[1], m.parts[3])::integer < b.low
           or coalesce(m.parts[2], m.parts[3])::integer > b.high
           or m.parts[1]::integer > m.parts[2]::integer))
    from string_to_table(schedule, ' ') with ordinality s (field, n)
    left join (values (1, 0, 59), (2, 0, 23), (3, 1, 31), (4, 1, 12), (5, 0, 7)) b (n, low, high) using (n)
$$;

comment on function app.is_cron_schedule(text) is
    'Whether this is a cron schedule: minute, hour, day of the month, month, weekday (0 and 7 are Sunday), in UTC.';
