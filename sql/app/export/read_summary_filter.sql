create or replace function app.read_summary_filter("from" date default null, "to" date default null)
returns daterange
language plpgsql
stable
set search_path = ''
as $$
begin
    perform app.read_period("from", "to");
    perform app.fail_validation(jsonb_build_object(
        'from', case when "from" is null then 'Give a date, YYYY-MM-DD.' end,
        'to', case when "to" is null then 'Give a date, YYYY-MM-DD.'
            when "to" - 731 > "from" then 'Ask for at most two years.' end));
    return daterange("from", "to", '[]');
end
$$;

comment on function app.read_summary_filter(date, date) is
    'The days of a summary, both included, at most two years. VALIDATION_FAILED.';
grant execute on function app.read_summary_filter(date, date) to app_admin;
