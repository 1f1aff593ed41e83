-- settings by admins
-- depends: 0002_what_operators_need

-- from sql/app/errors/fail.sql
-- Every refusal leaves the database here, so that a code has one status and one shape. PostgREST turns SQLSTATE PGRST
-- into the answer; both status and headers are needed, and details must be text (the gateway opens it again). The
-- PTnnn states are not used: they put the message into the status line, where a client can inject headers.
create or replace function app.fail(code text, message text, details jsonb default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_status integer := case code
        when 'UNAUTHENTICATED' then 401
        when 'FORBIDDEN' then 403
        when 'NOT_FOUND' then 404
        when 'CONFLICT' then 409
        when 'INVALID_STATE' then 409
        when 'SLOT_FULL' then 409
        when 'PAYMENT_IN_PROGRESS' then 409
        when 'PRECONDITION_FAILED' then 412
        when 'VALIDATION_FAILED' then 422
        when 'SLOT_NOT_OFFERED' then 422
        when 'RATE_LIMITED' then 429
        when 'TOO_MANY_HOLDS' then 429
        else 500
    end;
begin
    raise sqlstate 'PGRST' using
        message = jsonb_build_object('code', code, 'message', message, 'details', details::text, 'hint', null)::text,
        detail = jsonb_build_object('status', v_status, 'headers', '{}'::jsonb)::text;
end
$$;

comment on function app.fail(text, text, jsonb) is
    'Refuses the call with one of the codes of docs/errors.md, in the shape that PostgREST answers.';
-- end of sql/app/errors/fail.sql

-- from sql/app/errors/require_version.sql
create or replace function app.require_version(version integer, expected integer)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if version <> expected then
        perform app.fail('PRECONDITION_FAILED', 'Somebody else has changed it meanwhile. Look at it again.',
                         jsonb_build_object('version', version));
    end if;
end
$$;

comment on function app.require_version(integer, integer) is
    'PRECONDITION_FAILED when the row, locked by now, is not in the version that the caller has seen; null is any.';
-- end of sql/app/errors/require_version.sql

-- from sql/app/audit/tg__log_change.sql
-- What people change that is no state machine: who takes calls and when, and the settings. Raw SQL is logged as well.
-- Arguments: the entity's name, then the columns whose values may stand in the log. Of all others (names, mobiles,
-- texts) it says only that they changed.
create or replace function app.tg__log_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_old jsonb := '{}';
    v_new jsonb := to_jsonb(new);
    v_fields text[];
    v_shown text[];
begin
    if tg_op = 'UPDATE' then
        v_old := to_jsonb(old);
    end if;
    v_fields := array(
        select key from jsonb_each(v_new)
        where value is distinct from v_old -> key and key not in ('id', 'version', 'created_at', 'updated_at')
        order by key);
    if v_fields <> '{}' then
        v_shown := array(select unnest(v_fields) intersect select unnest(tg_argv[1:]));
        perform app.audit(
            format('%s_%s', upper(tg_argv[0]), case tg_op when 'INSERT' then 'CREATED' else 'CHANGED' end),
            tg_argv[0], (v_new ->> 'id')::uuid,
            jsonb_build_object('fields', v_fields, 'from', app.pick(v_old, v_shown), 'to', app.pick(v_new, v_shown)));
    end if;
    return null;
end
$$;

comment on function app.tg__log_change() is 'Logs what was made or changed, as <ENTITY>_CREATED or <ENTITY>_CHANGED.';
-- end of sql/app/audit/tg__log_change.sql

-- alter for sql/app/config/system_config.sql 5734a16cb878
alter table app.system_config add column version integer not null default 1;

create trigger system_config_110_version before update on app.system_config
    for each row execute function app.tg__version();
create trigger system_config_500_log after update on app.system_config
    for each row execute function app.tg__log_change(
        'config', 'tz', 'open_weekdays', 'start_hour', 'end_hour', 'slot_minutes', 'hold_minutes',
        'payment_window_minutes', 'price_toman', 'booking_horizon_days', 'max_live_holds',
        'cooldown_after_expired_holds', 'cooldown_minutes', 'consultation_ttl_hours', 'doctor_assignment',
        'reminder_minutes');

comment on constraint system_config_tz_check on app.system_config is 'is not a time zone, such as Asia/Tehran';
comment on constraint system_config_open_weekdays_check on app.system_config is
    'must be at least one of the numbers 1 (Monday) to 7 (Sunday)';
comment on constraint system_config_hours_check on app.system_config is
    'must be hours from 0 to 24, the end after the start';
comment on constraint system_config_slot_minutes_check on app.system_config is
    'must be 5 to 240, and fit between the start and the end hour';
comment on constraint system_config_hold_minutes_check on app.system_config is 'must be 1 to 120';
comment on constraint system_config_payment_window_check on app.system_config is 'must be 1 to 120';
comment on constraint system_config_price_check on app.system_config is 'must be 1000 to 100000000 toman';
comment on constraint system_config_horizon_check on app.system_config is 'must be 1 to 365';
comment on constraint system_config_max_live_holds_check on app.system_config is 'must be 1 to 20';
comment on constraint system_config_cooldown_check on app.system_config is
    'must be 1 to 100 holds, and 1 to 1440 minutes';
comment on constraint system_config_ttl_check on app.system_config is 'must be 1 to 720';
comment on constraint system_config_sms_confirmed_check on app.system_config is
    'must hold {date}, no placeholder that is not known, and at most 900 characters when filled in';
comment on constraint system_config_sms_slot_lost_check on app.system_config is
    'must not be empty, hold a placeholder that is not known, or be longer than 900 characters when filled in';
comment on constraint system_config_sms_moved_check on app.system_config is
    'must not be empty, hold a placeholder that is not known, or be longer than 900 characters when filled in';
comment on constraint system_config_sms_canceled_check on app.system_config is
    'must not be empty, hold a placeholder that is not known, or be longer than 900 characters when filled in';
comment on constraint system_config_sms_reminder_check on app.system_config is
    'must not be empty, hold a placeholder that is not known, or be longer than 900 characters when filled in';
comment on constraint system_config_reminder_minutes_check on app.system_config is
    'must be 10 to 10080, or null for no reminders';

-- from sql/app/config/config_faults.sql
-- The rules are the table's own constraints and nothing else: each is asked about the settings as they would be, and
-- its comment is what the caller is told. So all faults are named at once, where PostgreSQL would stop at the first.
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
            v_faults := v_faults || jsonb_object(
                v_check.fields, array_fill(v_check.words, array[cardinality(v_check.fields)]));
        end if;
    end loop;
    return v_faults;
end
$$;

comment on function app.config_faults(app.system_config, text[]) is
    'What is wrong with each of these fields of the settings; an empty object when nothing is.';
-- end of sql/app/config/config_faults.sql

-- from sql/api/admin_config.sql
create or replace view api.admin_config with (security_invoker = true) as
select
    c.tz, c.open_weekdays, c.start_hour, c.end_hour, c.slot_minutes, c.hold_minutes, c.payment_window_minutes,
    c.price_toman, c.booking_horizon_days, c.max_live_holds, c.cooldown_after_expired_holds, c.cooldown_minutes,
    c.consultation_ttl_hours, c.doctor_assignment, c.reminder_minutes, c.sms_confirmed_template,
    c.sms_slot_lost_template, c.sms_moved_template, c.sms_canceled_template, c.sms_reminder_template, c.version,
    c.updated_at
from app.system_config c;

grant select on api.admin_config to app_admin;

comment on view api.admin_config is E'The clinic''s settings\n\nOne row, for admins. Weekdays are ISO
numbers (Monday = 1 to Sunday = 7), hours those of the zone tz, prices in toman; the templates'' placeholders are in
docs/sms.md. Changed by rpc/update_config.';
-- end of sql/api/admin_config.sql

-- from sql/api/update_config.sql
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
-- end of sql/api/update_config.sql
