-- The forms in which people type an Iranian mobile: 09…, 9…, +989…, 00989…, with spaces, with Persian or Arabic digits.
-- Nine digits after the 9 and no list of operators' prefixes: those change.
create or replace function app.normalize_mobile(mobile text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
    select '0' || substring(
        regexp_replace(app.latin_digits(mobile), '[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069]', '', 'g')
        from '^(?:\+98|0098|0)?(9[0-9]{9})$')
$$;

comment on function app.normalize_mobile(text) is 'The mobile as 09… (11 digits); null when it is not one.';
grant execute on function app.normalize_mobile(text) to sidecar, app_admin;
