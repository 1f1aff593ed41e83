create or replace function app.said(typed text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case when app.content_length(typed) > 0 then btrim(typed) end
$$;

comment on function app.said(text) is 'The text without the spaces around it; null when there is nothing to read in it.';
