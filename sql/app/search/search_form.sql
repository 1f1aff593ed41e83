-- Persian is typed with Arabic letters on many keyboards, with or without the marks and half-spaces of careful writing.
-- What separates words is listed, and not asked of the locale (\w), which may know nothing but ASCII.
create or replace function app.search_form(typed text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    select btrim(regexp_replace(
        regexp_replace(
            translate(lower(app.latin_digits(typed) collate "C"), 'يىئكةۀهٔأإآٱؤ', 'یییکههههااااو'),
            '[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200d]', '', 'g'),
        '[\s\u00a0\u2000-\u200f\u2010-\u206f\ufeff،؛؟٪٫٬«»!-/:-@[-`{-~]+', ' ', 'g'))
$$;

comment on function app.search_form(text) is
    'The text as it is compared in searches: letters that are written alike are one, digits are Latin, there are no
diacritics, and one space between words (a half-space is one as well).';
grant execute on function app.search_form(text) to app_admin;
