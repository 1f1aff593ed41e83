-- At once, and for good: a session of before does not come back when the account is opened again.
create or replace function app.tg_users__end_sessions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.revoke_sessions(new.id);
    return null;
end
$$;

comment on function app.tg_users__end_sessions() is 'Ends every session of whoever was deactivated or got another role.';
