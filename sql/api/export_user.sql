create or replace function api.export_user(user_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_record jsonb;
begin
    perform app.require_admin();
    v_record := app.person_record(user_id);
    if v_record is null then
        perform app.fail('NOT_FOUND', 'There is no such person.');
    end if;
    perform app.audit('USER_EXPORTED', 'user', user_id);
    return v_record;
end
$$;

comment on function api.export_user(uuid) is
E'Export what is stored about a person\n\nOn the person''s request: every row about them, by table, as it is stored. Audited.
NOT_FOUND. For admins.';
grant execute on function api.export_user(uuid) to app_admin;
