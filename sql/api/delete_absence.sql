create or replace function api.delete_absence(absence_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    delete from app.doctor_absences b where b.id = absence_id;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such absence.');
    end if;
end
$$;

comment on function api.delete_absence(uuid) is
E'Cancel an absence\n\nThe doctor counts again; the audit log keeps what it was. FORBIDDEN, NOT_FOUND. For admins.';
grant execute on function api.delete_absence(uuid) to app_admin;
