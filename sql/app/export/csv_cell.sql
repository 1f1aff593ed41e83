-- A spreadsheet runs what begins like a formula, also behind a byte order mark, quotes or space, and in the full-width
-- letters of East Asian keyboards. An apostrophe in front makes it text. What begins with a letter or a digit, as nearly
-- all cells do (U+0620 and on is Persian), is told by that alone.
-- No SET clause, so that it is inlined.
create or replace function app.csv_cell(value text)
returns text
language sql
immutable
parallel safe
as $$
    select case
        when ascii(value) between 1568 and 1791 or ascii(value) between 48 and 57
            or ascii(value) between 65 and 90 or ascii(value) between 97 and 122 then value
        when value ~ '^([\s\u00a0\ufeff"'']*[=+@＝＋－＠-]|[\ufeff"'']*[\t\r\n])' then '''' || value
        else value
    end
$$;

comment on function app.csv_cell(text) is 'The text as a cell that no spreadsheet takes for a formula.';
grant execute on function app.csv_cell(text) to app_admin;
