-- A text may be long and still say nothing: to a reader, spaces and what is never shown (joiners, marks of direction,
-- fillers, tags) are nothing. They stay in what is stored, since Persian and emoji need them inside of words. Listed, and
-- not asked of the locale (\s), as in app.search_form; most are Unicode's Default_Ignorable_Code_Point.
create or replace function app.content_length(said text)
returns integer
language sql
immutable
parallel safe
set search_path = ''
as $$
    select length(btrim(regexp_replace(said,
        '[\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f'
        '\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3'
        '\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+', ' ', 'g')))
$$;

comment on function app.content_length(text) is
    'How many characters of a text there are to read: spaces and invisible ones count as one between others, else not.';
