create or replace function api.summary("from" date default null, "to" date default null)
returns table (
    day date,
    jalali_date text,
    doctor_id uuid,
    doctor text,
    booked bigint,
    completed bigint,
    no_shows bigint,
    canceled bigint,
    income_toman bigint
)
language sql
stable
set search_path = ''
as $$
    select * from app.daily_summary(app.read_summary_filter("from", "to"))
$$;

comment on function api.summary(date, date) is
E'What became of the calls\n\nBy day and doctor (null: nobody was assigned), from "from" to "to" (days in the clinic''s zone on
which the calls are, both included, at most two years): booked is every appointment that was ever confirmed; of these,
completed took place, no_shows did not, canceled were called off, and the rest is to come. income_toman is what was paid for
them less what goes back. VALIDATION_FAILED. For admins.';
grant execute on function api.summary(date, date) to app_admin;
