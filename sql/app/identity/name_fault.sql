create or replace function app.name_fault(name text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case when length(btrim(name)) between 1 and 100 then null else 'Give a name of 1 to 100 characters.' end
$$;

comment on function app.name_fault(text) is 'What is wrong with the name of a person; null when it will do.';
