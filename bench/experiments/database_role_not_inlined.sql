-- The role that a session must have is an expression in the check before each request, not a call
-- A function with a SET clause can't be inlined: a call of it, before every request.
create or replace function app.database_role(role app.user_role)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    select 'app_' || lower(role::text)
$$;
