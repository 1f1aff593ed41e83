create or replace function app.require_owner()
returns void
language plpgsql
set search_path = ''
as $$
begin
    if app.claims() ->> 'role' is distinct from 'app_user' then
        perform app.fail('FORBIDDEN', 'This is for pet owners.');
    end if;
end
$$;

comment on function app.require_owner() is
    'FORBIDDEN unless a pet owner is signed in; app.check_request has proved that the role in the token is theirs.';
