create or replace function app.exported_summary(filter daterange)
returns table (
    day date, jalali_date text, doctor text, booked bigint, completed bigint, no_shows bigint, canceled bigint,
    income_toman bigint
)
language sql
stable
set search_path = ''
as $$
    select d.day, d.jalali_date, app.csv_cell(d.doctor), d.booked, d.completed, d.no_shows, d.canceled, d.income_toman
    from app.daily_summary(filter) d
$$;

comment on function app.exported_summary(daterange) is 'The summary as the rows of a spreadsheet.';
grant execute on function app.exported_summary(daterange) to app_admin;
