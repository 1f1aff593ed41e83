create or replace function api.delete_closure(closure_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    delete from app.closures c where c.id = closure_id;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such closure.');
    end if;
end
$$;

comment on function api.delete_closure(uuid) is
E'Cancel a closure\n\nIts slots are offered again; the audit log keeps what it was. FORBIDDEN, NOT_FOUND. For admins.';
grant execute on function api.delete_closure(uuid) to app_admin;
