create or replace function app.read_period("from" date, "to" date, out since timestamptz, out until timestamptz)
language plpgsql
stable
set search_path = ''
as $$
begin
    perform app.fail_validation(jsonb_build_object(
        'from', case when "from" not between '2000-01-01' and '2999-12-31' then 'Give a date within this millennium.' end,
        'to', case when "to" not between '2000-01-01' and '2999-12-31' then 'Give a date within this millennium.'
            when "to" < "from" then 'Give a date that is not before the first.' end));
    select "from"::timestamp at time zone c.tz, ("to" + 1)::timestamp at time zone c.tz into since, until
    from app.system_config c;
end
$$;

comment on function app.read_period(date, date) is
    'From the first moment of the first day to the last of the last, in the clinic''s zone; nulls for what is not given.
VALIDATION_FAILED.';
grant execute on function app.read_period(date, date) to app_admin;
