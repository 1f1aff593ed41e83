-- Checked when a template is saved, because it is used when money has just been proved: a message that is then too long
-- would fail the settlement. So the template is filled with the longest values there are.
create or replace function app.is_sms_template(template text, is_move boolean default false)
returns boolean
language sql
immutable
strict
set search_path = ''
as $$
    select app.content_length(filled) > 0 and filled !~ '[{}]' and length(filled) <= 900
    from app.fill_template(
        template,
        '{"date": "۱۴۰۵/۱۲/۲۹", "time": "۲۳:۵۹", "weekday": "چهارشنبه",
          "consultationId": "00000000-0000-0000-0000-000000000000"}'
        || case
            when is_move then '{"previousDate": "۱۴۰۵/۱۲/۲۹", "previousTime": "۲۳:۵۹", "previousWeekday": "چهارشنبه"}'
            else '{}'
        end::jsonb
    ) as filled
$$;

comment on function app.is_sms_template(text, boolean) is
    'Whether a template knows all its placeholders (docs/sms.md) and stays within 900 characters when they are filled in.';
