create or replace function app.require_admin()
returns void
language plpgsql
set search_path = ''
as $$
begin
    if app.claims() ->> 'role' is distinct from 'app_admin' then
        perform app.fail('FORBIDDEN', 'This is for admins.');
    end if;
end
$$;

comment on function app.require_admin() is
    'FORBIDDEN unless an admin is signed in; app.check_request has proved that the role in the token is theirs.';
