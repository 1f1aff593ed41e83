create or replace function app.render_sms(template text, consultation_id uuid, start_at timestamptz)
returns text
language sql
stable
set search_path = ''
as $$
    select replace(replace(replace(template,
        '{date}', app.persian_digits(replace(app.to_jalali(l.local_at::date), '-', '/'))),
        '{time}', app.persian_digits(to_char(l.local_at, 'HH24:MI'))),
        '{consultationId}', consultation_id::text)
    from app.system_config c, lateral (select start_at at time zone c.tz as local_at) l
$$;

comment on function app.render_sms(text, uuid, timestamptz) is
    'The template with {date} (Jalali), {time} (the clinic''s zone) and {consultationId} put in, in Persian digits.';
