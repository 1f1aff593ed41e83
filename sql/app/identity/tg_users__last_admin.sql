-- Two admins who deactivate each other at the same moment queue up at the lock; the second one then counts without the
-- first.
create or replace function app.tg_users__last_admin()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtext('app.users: the last admin'));
    if not exists (select from app.users u where u.role = 'ADMIN' and u.is_active) then
        perform app.fail('INVALID_STATE', 'This is the last active admin: nobody could let anybody in again.');
    end if;
    return null;
end
$$;

comment on function app.tg_users__last_admin() is 'Refuses to take away the last active admin. INVALID_STATE.';
