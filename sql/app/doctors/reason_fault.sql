create or replace function app.reason_fault(reason text)
returns text
language sql
immutable
set search_path = ''
as $$
    select case when app.content_length(reason) > 0 and length(btrim(reason)) <= 200 then null
        else 'Give a reason of 1 to 200 characters.' end
$$;

comment on function app.reason_fault(text) is 'What is wrong with the reason of a closure or absence; null when it will do.';
