-- count and touch by one trigger
-- depends: 0040_say_how_long_a_full_hand_waits

-- from sql/app/time/tg__version.sql
create or replace function app.tg__version()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.version := old.version + 1;
    new.updated_at := clock_timestamp();
    return new;
end
$$;

comment on function app.tg__version() is
    'Counts the changes of a row, its ETag and part of what makes a message unique, and keeps updated_at true.';
-- end of sql/app/time/tg__version.sql

-- alter for sql/app/config/system_config.sql d8947dc93512
drop trigger system_config_100_touch on app.system_config;

-- alter for sql/app/consultations/consultations.sql 845ef329187d
drop trigger consultations_100_touch on app.consultations;

-- alter for sql/app/appointments/appointments.sql f593caee1570
drop trigger appointments_100_touch on app.appointments;
