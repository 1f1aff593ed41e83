-- People type Persian digits (U+06F0…) and Arabic ones (U+0660…), often without knowing which.
create or replace function app.latin_digits(typed text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    select translate(typed, '۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩', '01234567890123456789')
$$;

comment on function app.latin_digits(text) is 'The text with its Persian and Arabic digits written in Latin.';
grant execute on function app.latin_digits(text) to sidecar, app_admin;
