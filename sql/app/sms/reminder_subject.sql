-- By its time, not its version: another doctor is no reason to remind again, another time is.
create or replace function app.reminder_subject(appointment app.appointments)
returns text
language sql
immutable
set search_path = ''
as $$
    select appointment.id || ':' || extract(epoch from appointment.start_at)::bigint
$$;

comment on function app.reminder_subject(app.appointments) is 'What makes a reminder unique: this appointment, at this time.';
