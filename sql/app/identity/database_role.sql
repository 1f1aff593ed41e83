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

comment on function app.database_role(app.user_role) is 'The PostgreSQL role that a person of this role works as.';
