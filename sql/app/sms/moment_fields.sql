create or replace function app.moment_fields(start_at timestamptz)
returns table (date text, "time" text, weekday text)
language sql
stable
set search_path = ''
as $$
    select
        app.persian_digits(replace(app.to_jalali(l.local_at::date), '-', '/')),
        app.persian_digits(to_char(l.local_at, 'HH24:MI')),
        ('{دوشنبه,سه‌شنبه,چهارشنبه,پنجشنبه,جمعه,شنبه,یکشنبه}'::text[])[extract(isodow from l.local_at)]
    from app.system_config c, lateral (select start_at at time zone c.tz as local_at) l
$$;

comment on function app.moment_fields(timestamptz) is
    'A moment as owners read it: Jalali date, time and weekday in the clinic''s zone, in Persian.';
