-- No SET clause, so that it is inlined: it is asked before every request.
create or replace function app.database_role(role app.user_role)
returns text
language sql
immutable
parallel safe
as $$
    select case role when 'USER' then 'app_user' when 'DOCTOR' then 'app_doctor' when 'ADMIN' then 'app_admin' end
$$;

comment on function app.database_role(app.user_role) is 'The PostgreSQL role that a person of this role works as.';
