create or replace function app.render_sms(
    template text, consultation_id uuid, start_at timestamptz, previous_start_at timestamptz default null
)
returns text
language sql
stable
set search_path = ''
as $$
    select app.fill_template(template, jsonb_strip_nulls(jsonb_build_object(
        'date', m.date, 'time', m."time", 'weekday', m.weekday, 'consultationId', consultation_id,
        'previousDate', p.date, 'previousTime', p."time", 'previousWeekday', p.weekday)))
    from app.moment_fields(start_at) m, app.moment_fields(previous_start_at) p
$$;

comment on function app.render_sms(text, uuid, timestamptz, timestamptz) is
    'The template with its placeholders (docs/sms.md) filled in.';
