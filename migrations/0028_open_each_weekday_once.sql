-- open each weekday once
-- depends: 0027_fill_in_texts_that_show_nothing

-- alter for sql/app/config/system_config.sql f17701ac2071
update app.system_config c
set open_weekdays = array(
    select d.day from unnest(c.open_weekdays) with ordinality as d (day, place)
    group by d.day order by min(d.place))
where cardinality(c.open_weekdays) > (select count(distinct d.day) from unnest(c.open_weekdays) as d (day))
    or array_ndims(c.open_weekdays) > 1;
-- It comes back stricter at once, and there is one row to read.
-- squawk-ignore ban-drop-constraint
alter table app.system_config drop constraint system_config_open_weekdays_check;
-- squawk-ignore constraint-missing-not-valid
alter table app.system_config add constraint system_config_open_weekdays_check check (
    open_weekdays <@ '{1,2,3,4,5,6,7}'::smallint[] and cardinality(open_weekdays) > 0
    and cardinality(open_weekdays) = (1 = any (open_weekdays))::int + (2 = any (open_weekdays))::int
        + (3 = any (open_weekdays))::int + (4 = any (open_weekdays))::int + (5 = any (open_weekdays))::int
        + (6 = any (open_weekdays))::int + (7 = any (open_weekdays))::int);
comment on constraint system_config_open_weekdays_check on app.system_config is
    'must be at least one of the numbers 1 (Monday) to 7 (Sunday), each once';
