-- tell of hours before slots
-- depends: 0024_log_links_to_files_that_came_meanwhile

-- alter for sql/app/config/system_config.sql 722d89e3a71a
comment on constraint system_config_slot_minutes_check on app.system_config is
    'slots must take 5 to 240 minutes, and fit between the start and the end hour';

-- from sql/app/config/config_faults.sql
-- The rules are the table's own constraints and nothing else: each is asked about the settings as they would be, and
-- its comment is what the caller is told. So all faults are named at once, where PostgreSQL would stop at the first. A
-- field that breaks several is told of the first by name: of hours that are none before slots that don't fit into them.
create or replace function app.config_faults(config app.system_config, fields text[])
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_check record;
    v_holds boolean;
    v_faults jsonb;
begin
    select coalesce(jsonb_object_agg(a.attname, 'is required'), '{}') into v_faults
    from pg_catalog.pg_attribute a
    where a.attrelid = 'app.system_config'::regclass and a.attnotnull and a.attname = any (fields)
      and to_jsonb(config) -> a.attname = 'null';
    for v_check in
        select pg_get_expr(k.conbin, k.conrelid) as rule, obj_description(k.oid, 'pg_constraint') as words, array(
            select a.attname::text from pg_catalog.pg_attribute a
            where a.attrelid = k.conrelid and a.attnum = any (k.conkey) and a.attname = any (fields)) as fields
        from pg_catalog.pg_constraint k
        where k.conrelid = 'app.system_config'::regclass and k.contype = 'c'
        order by k.conname
    loop
        begin
            execute format('select %s from (select ($1).*) system_config', v_check.rule) into v_holds using config;
        exception when data_exception then  -- such as a time zone that does not exist
            v_holds := false;
        end;
        if not v_holds then
            v_faults := jsonb_object(
                v_check.fields, array_fill(v_check.words, array[cardinality(v_check.fields)])) || v_faults;
        end if;
    end loop;
    return v_faults;
end
$$;

comment on function app.config_faults(app.system_config, text[]) is
    'What is wrong with each of these fields of the settings; an empty object when nothing is.';
-- end of sql/app/config/config_faults.sql

-- from sql/app/doctors/require_doctor.sql
create or replace function app.require_doctor(doctor_id uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    perform app.fail_validation(
        jsonb_build_object('doctor_id', case when doctor_id is null then 'Give the doctor.' end));
    if not exists (select from app.doctors d where d.id = require_doctor.doctor_id) then
        perform app.fail('NOT_FOUND', 'There is no such doctor.');
    end if;
end
$$;

comment on function app.require_doctor(uuid) is
    'NOT_FOUND unless there is this doctor, VALIDATION_FAILED when none is named.';
-- end of sql/app/doctors/require_doctor.sql

-- from sql/api/preview_deactivation.sql
create or replace function api.preview_deactivation(doctor_id uuid default null)
returns setof app.affected_appointment
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.require_doctor(doctor_id);
    return query select * from app.affected_appointments(clock_timestamp(), 'infinity', doctor_id);
end
$$;

comment on function api.preview_deactivation(uuid) is
E'Preview a deactivation\n\nThe held and confirmed appointments that losing the doctor would affect from now on, as
rpc/preview_absence lists them. FORBIDDEN, VALIDATION_FAILED, NOT_FOUND. For admins.';
grant execute on function api.preview_deactivation(uuid) to app_admin;
-- end of sql/api/preview_deactivation.sql

-- from sql/api/preview_user_deactivation.sql
create or replace function api.preview_user_deactivation(user_id uuid default null)
returns setof app.affected_appointment
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.fail_validation(jsonb_build_object('user_id', case when user_id is null then 'Give the person.' end));
    if not exists (select from app.users u where u.id = preview_user_deactivation.user_id) then
        perform app.fail('NOT_FOUND', 'There is no such person.');
    end if;
    return query
    select a.*
    from app.doctors d
    cross join lateral app.affected_appointments(clock_timestamp(), 'infinity', d.id) a
    where d.user_id = preview_user_deactivation.user_id
    union all
    select a.id, a.consultation_id, a.status, a.start_at, a.doctor_id, d.display_name, u.name, u.mobile, 'OWNER_AWAY',
        false
    from app.appointments a
    join app.users u on u.id = a.user_id
    left join app.doctors d on d.id = a.doctor_id
    where a.user_id = preview_user_deactivation.user_id and a.end_at > clock_timestamp()
      and (a.status = 'CONFIRMED' or a.status = 'HELD' and a.hold_expires_at > clock_timestamp())
    order by 4, 1;
end
$$;

comment on function api.preview_user_deactivation(uuid) is
E'Preview a person''s deactivation\n\nThe held and confirmed appointments that are still to come: of a doctor those that
rpc/preview_deactivation lists, of an owner their own (why: OWNER_AWAY), which stay. FORBIDDEN,
VALIDATION_FAILED, NOT_FOUND. For admins.';
grant execute on function api.preview_user_deactivation(uuid) to app_admin;
-- end of sql/api/preview_user_deactivation.sql
