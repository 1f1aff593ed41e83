create or replace function api.update_config(changes jsonb default '{}', version integer default null)
returns api.admin_config
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_fields text[] := array(select jsonb_object_keys(changes));
    v_config app.system_config;
    v_result api.admin_config;
    v_field text;
    v_faults jsonb := '{}';
begin
    perform app.require_admin();
    select c.* into strict v_config from app.system_config c for no key update;
    perform app.require_version(v_config.version, update_config.version);
    select c.* into strict v_result from api.admin_config c;
    foreach v_field in array v_fields loop
        begin
            v_config := jsonb_populate_record(v_config, jsonb_build_object(v_field, changes -> v_field));
            if not to_jsonb(v_result) - array['version', 'updated_at'] ? v_field then
                v_faults := v_faults || jsonb_build_object(v_field, 'is not known here');
            end if;
        exception when data_exception then
            v_faults := v_faults || jsonb_build_object(v_field, 'is not valid');
        end;
    end loop;
    perform app.fail_validation(app.config_faults(v_config, v_fields) || v_faults);
    if v_fields <> '{}' then
        execute (
            select format('update app.system_config set %s', string_agg(format('%1$I = ($1).%1$I', f), ', '))
            from unnest(v_fields) f) using v_config;
        select c.* into strict v_result from api.admin_config c;
    end if;
    return v_result;
end
$$;

comment on function api.update_config(jsonb, integer) is
E'Change the clinic''s settings\n\nchanges holds the fields of admin_config that are to change (null for no reminders),
version the one that was seen, if it must still be that. Gives the settings. They hold from now on: the price for new
consultations, hours and days for what is not booked yet. FORBIDDEN, VALIDATION_FAILED, PRECONDITION_FAILED. For admins.';
grant execute on function api.update_config(jsonb, integer) to app_admin;
