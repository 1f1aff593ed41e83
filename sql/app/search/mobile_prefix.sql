-- The forms of app.normalize_mobile, cut off anywhere after the third digit; a plus sign that became a space on its way
-- through an address is missed by nobody.
create or replace function app.mobile_prefix(typed text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    select '0' || substring(
        regexp_replace(app.latin_digits(typed), '[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069()-]', '', 'g')
        from '^(?:\+?98|0098|0)?(9[0-9]{2,9})$')
$$;

comment on function app.mobile_prefix(text) is
    'The beginning of a mobile, in whatever form it was typed, as 09…; null when it can''t be one or has fewer than three
digits after the zero.';
grant execute on function app.mobile_prefix(text) to app_admin;
