create or replace function app.persian_digits(latin text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    select translate(latin, '0123456789', '۰۱۲۳۴۵۶۷۸۹')
$$;

comment on function app.persian_digits(text) is 'The text with its Latin digits written in Persian.';
