create or replace function app.name_fault(name text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case when app.content_length(name) > 0 and length(btrim(name)) <= 100 then null
        else 'Give a name of 1 to 100 characters.' end
$$;

comment on function app.name_fault(text) is 'What is wrong with the name of a person or pet; null when it will do.';
