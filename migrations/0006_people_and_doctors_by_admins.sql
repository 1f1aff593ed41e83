-- people and doctors by admins
-- depends: 0005_forget_people_on_request

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
    v_new jsonb := '{}';
    v_action text := case tg_op when 'INSERT' then 'CREATED' when 'UPDATE' then 'CHANGED' else 'DELETED' end;
    v_fields text[];
    v_shown text[];
begin
    if tg_op <> 'INSERT' then
        v_old := to_jsonb(old);
    end if;
    if tg_op <> 'DELETE' then
        v_new := to_jsonb(new);
    end if;
    v_fields := array(
        select key from jsonb_object_keys(v_old || v_new) key
        where v_old -> key is distinct from v_new -> key and key not in ('id', 'version', 'created_at', 'updated_at')
        order by key);
    if v_fields <> '{}' then
        v_shown := array(select unnest(v_fields) intersect select unnest(tg_argv[1:]));
        perform app.audit(
            format('%s_%s', upper(tg_argv[0]), v_action), tg_argv[0], ((v_old || v_new) ->> 'id')::uuid,
            jsonb_build_object('fields', v_fields, 'from', app.pick(v_old, v_shown), 'to', app.pick(v_new, v_shown)));
    end if;
    return null;
end
$$;

comment on function app.tg__log_change() is
    'Logs what was made, changed or deleted, as <ENTITY>_CREATED, _CHANGED or _DELETED.';
-- end of sql/app/audit/tg__log_change.sql

-- from sql/app/identity/tg_users__end_sessions.sql
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
-- end of sql/app/identity/tg_users__end_sessions.sql

-- from sql/app/identity/tg_users__last_admin.sql
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
-- end of sql/app/identity/tg_users__last_admin.sql

-- alter for sql/app/identity/users.sql 1581d0bb5e43
create trigger users_500_log after update of role, name, mobile, is_active on app.users
    for each row execute function app.tg__log_change('user', 'role', 'is_active');
create trigger users_510_end_sessions after update of role, is_active on app.users
    for each row when (old.is_active and not new.is_active or old.role <> new.role)
    execute function app.tg_users__end_sessions();
create trigger users_520_last_admin after update of role, is_active on app.users
    for each row when (old.role = 'ADMIN' and old.is_active and (new.role <> 'ADMIN' or not new.is_active))
    execute function app.tg_users__last_admin();

-- alter for sql/app/doctors/doctors.sql ddbcd1e334e0
create trigger doctors_500_log after insert or update on app.doctors
    for each row execute function app.tg__log_change('doctor', 'user_id', 'is_active');

-- alter for sql/app/doctors/doctor_absences.sql 1e0b0129e2a5
create trigger doctor_absences_500_log after insert or update or delete on app.doctor_absences
    for each row execute function app.tg__log_change('absence', 'doctor_id', 'start_at', 'end_at');

-- alter for sql/app/doctors/closures.sql 0fc3b4339490
create trigger closures_500_log after insert or update or delete on app.closures
    for each row execute function app.tg__log_change('closure', 'start_at', 'end_at');

-- alter for sql/app/doctors/affected_appointment.sql e69408b1774b
comment on type app.affected_appointment is
    'What a closure, an absence or a deactivation means to one appointment: why is IN_CLOSURE, DOCTOR_AWAY (its own
doctor), OVER_CAPACITY (another''s, but there are more calls then than doctors) or OWNER_AWAY (its owner''s account).';

-- from sql/api/admin_doctors.sql
create or replace view api.admin_doctors with (security_invoker = true) as
select
    d.id, d.user_id, d.display_name, d.is_active, u.name, u.mobile, u.is_active as is_user_active,
    d.is_active and u.is_active and u.role = 'DOCTOR' as takes_calls, d.created_at, d.updated_at
from app.doctors d
join app.users u on u.id = d.user_id;

grant select on api.admin_doctors to app_admin;

comment on view api.admin_doctors is E'Doctors, for admins\n\nWith their accounts: takes_calls says whether the doctor counts for
the capacity. Changed by rpc/update_doctor; the account by rpc/update_user.';
-- end of sql/api/admin_doctors.sql

-- from sql/api/admin_absences.sql
create or replace view api.admin_absences with (security_invoker = true) as
select b.id, b.doctor_id, d.display_name as doctor_name, b.start_at, b.end_at, b.reason, b.created_at, b.updated_at
from app.doctor_absences b
join app.doctors d on d.id = b.doctor_id;

grant select on api.admin_absences to app_admin;

comment on view api.admin_absences is E'Doctors'' absences\n\nFor admins. Written by rpc/create_absence, rpc/update_absence and
rpc/delete_absence.';
-- end of sql/api/admin_absences.sql

-- from sql/api/admin_closures.sql
create or replace view api.admin_closures with (security_invoker = true) as
select c.id, c.start_at, c.end_at, c.reason, c.created_at, c.updated_at
from app.closures c;

grant select on api.admin_closures to app_admin;

comment on view api.admin_closures is E'Closures of the clinic\n\nFor admins. Written by rpc/create_closure, rpc/update_closure and
rpc/delete_closure.';
-- end of sql/api/admin_closures.sql

-- from sql/api/admin_notifications.sql
create or replace view api.admin_notifications with (security_invoker = true) as
select n.id, n.type, n.payload, n.is_read, n.created_at
from app.notifications n
where n.target_role = 'ADMIN';

grant select on api.admin_notifications to app_admin;

comment on view api.admin_notifications is E'Notifications for admins\n\nThe same that an admin sees in notifications. Marked by
rpc/read_admin_notification.';
-- end of sql/api/admin_notifications.sql

-- from sql/app/identity/name_fault.sql
create or replace function app.name_fault(name text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case when length(btrim(name)) between 1 and 100 then null else 'Give a name of 1 to 100 characters.' end
$$;

comment on function app.name_fault(text) is 'What is wrong with the name of a person; null when it will do.';
-- end of sql/app/identity/name_fault.sql

-- from sql/app/identity/mobile_fault.sql
create or replace function app.mobile_fault(mobile text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case when app.normalize_mobile(mobile) is null then 'Give an Iranian mobile number, like 09121234567.' end
$$;

comment on function app.mobile_fault(text) is 'What is wrong with the mobile number; null when it will do.';
-- end of sql/app/identity/mobile_fault.sql

-- from sql/app/identity/fail_taken_mobile.sql
create or replace function app.fail_taken_mobile()
returns void
language sql
set search_path = ''
as $$
    select app.fail('CONFLICT', 'This mobile number is registered already.',
                    '{"fields": {"mobile": "Registered already."}}')
$$;

comment on function app.fail_taken_mobile() is 'Refuses the call with CONFLICT: somebody else has this mobile number.';
-- end of sql/app/identity/fail_taken_mobile.sql

-- It has one argument more.
-- squawk-ignore ban-drop-function
drop function app.create_user(app.user_role, text, text, text);

-- from sql/app/identity/create_user.sql
create or replace function app.create_user(
    role app.user_role,
    name text,
    mobile text,
    password_hash text,
    display_name text default null
)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_mobile text := app.normalize_mobile(mobile);
    v_name text := btrim(name);
    v_display_name text := coalesce(btrim(display_name), v_name);
    v_user_id uuid;
begin
    perform app.fail_validation(jsonb_build_object(
        'name', app.name_fault(v_name), 'mobile', app.mobile_fault(v_mobile),
        'display_name', case when display_name is not null then app.name_fault(v_display_name) end));
    insert into app.users as u (role, name, mobile)
    values (create_user.role, v_name, v_mobile)
    on conflict on constraint users_mobile_key do nothing
    returning u.id into v_user_id;
    if v_user_id is null then
        perform app.fail_taken_mobile();
    end if;
    insert into app.credentials (user_id, password_hash) values (v_user_id, create_user.password_hash);
    if role = 'DOCTOR' then
        insert into app.doctors (user_id, display_name) values (v_user_id, v_display_name);
    end if;
    perform app.audit('USER_REGISTERED', 'user', v_user_id, jsonb_build_object('role', role),
                      coalesce(app.current_user_id(), v_user_id));
    return v_user_id;
end
$$;

comment on function app.create_user(app.user_role, text, text, text, text) is
    'Makes a person with a password hash; a doctor gets a row in app.doctors too, shown to owners by
display_name (by the name, when it is null). VALIDATION_FAILED, CONFLICT.';
-- end of sql/app/identity/create_user.sql

-- from sql/app/identity/change_user.sql
create or replace function app.change_user(
    user_id uuid,
    name text,
    mobile text,
    is_active boolean,
    password_hash text default null
)
returns api.admin_users
language plpgsql
set search_path = ''
as $$
declare
    v_result api.admin_users;
begin
    perform app.fail_validation(jsonb_build_object(
        'name', case when name is not null then app.name_fault(name) end,
        'mobile', case when mobile is not null then app.mobile_fault(mobile) end));
    update app.users u
    set name = coalesce(btrim(change_user.name), u.name),
        mobile = coalesce(app.normalize_mobile(change_user.mobile), u.mobile),
        is_active = coalesce(change_user.is_active, u.is_active)
    where u.id = change_user.user_id and u.erased_at is null;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such person.');
    end if;
    if password_hash is not null then
        update app.credentials c set password_hash = change_user.password_hash where c.user_id = change_user.user_id;
        perform app.revoke_sessions(user_id);
        perform app.audit('PASSWORD_RESET', 'user', user_id);
    end if;
    select u.* into strict v_result from api.admin_users u where u.id = change_user.user_id;
    return v_result;
exception when unique_violation then
    perform app.fail_taken_mobile();
end
$$;

comment on function app.change_user(uuid, text, text, boolean, text) is
    'Changes what is not null of a person; a new password ends every session of theirs, and so does deactivation. Gives the
person. NOT_FOUND, VALIDATION_FAILED, CONFLICT, INVALID_STATE (the last active admin).';
-- end of sql/app/identity/change_user.sql

-- from sql/sidecar/managed_mobile.sql
-- Asked first, so that nothing is hashed for anybody but an admin.
create or replace function sidecar.managed_mobile(user_id uuid, mobile text)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_mobile text;
begin
    perform app.require_admin();
    if mobile is not null or user_id is null then
        return app.normalize_mobile(mobile);
    end if;
    select u.mobile into v_mobile from app.users u where u.id = managed_mobile.user_id;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such person.');
    end if;
    return v_mobile;
end
$$;

comment on function sidecar.managed_mobile(uuid, text) is
    'The canonical mobile that a person is given by the signed-in admin, or has already; null when it is none. FORBIDDEN,
NOT_FOUND.';
grant execute on function sidecar.managed_mobile(uuid, text) to sidecar;
-- end of sql/sidecar/managed_mobile.sql

-- from sql/sidecar/create_user.sql
create or replace function sidecar.create_user(role app.user_role, name text, mobile text, password_hash text)
returns api.admin_users
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user_id uuid;
    v_result api.admin_users;
begin
    perform app.require_admin();
    v_user_id := app.create_user(role, name, mobile, password_hash);
    select u.* into strict v_result from api.admin_users u where u.id = v_user_id;
    return v_result;
end
$$;

comment on function sidecar.create_user(app.user_role, text, text, text) is
    'Makes a person for the signed-in admin. FORBIDDEN, VALIDATION_FAILED, CONFLICT.';
grant execute on function sidecar.create_user(app.user_role, text, text, text) to sidecar;
-- end of sql/sidecar/create_user.sql

-- from sql/sidecar/create_doctor.sql
create or replace function sidecar.create_doctor(name text, mobile text, password_hash text, display_name text)
returns api.admin_doctors
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user_id uuid;
    v_result api.admin_doctors;
begin
    perform app.require_admin();
    v_user_id := app.create_user('DOCTOR', name, mobile, password_hash, display_name);
    select d.* into strict v_result from api.admin_doctors d where d.user_id = v_user_id;
    return v_result;
end
$$;

comment on function sidecar.create_doctor(text, text, text, text) is
    'Makes a doctor with an account for the signed-in admin; owners see display_name, or the name when it is null.
FORBIDDEN, VALIDATION_FAILED, CONFLICT.';
grant execute on function sidecar.create_doctor(text, text, text, text) to sidecar;
-- end of sql/sidecar/create_doctor.sql

-- from sql/sidecar/update_user.sql
create or replace function sidecar.update_user(
    user_id uuid,
    name text,
    mobile text,
    is_active boolean,
    password_hash text
)
returns api.admin_users
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    return app.change_user(user_id, name, mobile, is_active, password_hash);
end
$$;

comment on function sidecar.update_user(uuid, text, text, boolean, text) is
    'Changes what is not null of a person, as api.update_user does, and sets a new password. FORBIDDEN, NOT_FOUND,
VALIDATION_FAILED, CONFLICT, INVALID_STATE.';
grant execute on function sidecar.update_user(uuid, text, text, boolean, text) to sidecar;
-- end of sql/sidecar/update_user.sql

-- from sql/app/doctors/span_faults.sql
create or replace function app.span_faults(start_at timestamptz, end_at timestamptz)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select jsonb_build_object(
        'start_at', case when start_at is null or not isfinite(start_at) then 'Give the start.' end,
        'end_at', case when end_at is null or not isfinite(end_at) then 'Give the end.'
            when end_at <= start_at then 'Give an end after the start.' end)
$$;

comment on function app.span_faults(timestamptz, timestamptz) is
    'What is wrong with each end of a range of time, as app.fail_validation takes it.';
-- end of sql/app/doctors/span_faults.sql

-- from sql/app/doctors/reason_fault.sql
create or replace function app.reason_fault(reason text)
returns text
language sql
immutable
set search_path = ''
as $$
    select case when length(btrim(reason)) between 1 and 200 then null else 'Give a reason of 1 to 200 characters.' end
$$;

comment on function app.reason_fault(text) is 'What is wrong with the reason of a closure or absence; null when it will do.';
-- end of sql/app/doctors/reason_fault.sql

-- from sql/app/doctors/require_span.sql
create or replace function app.require_span(start_at timestamptz, end_at timestamptz)
returns void
language sql
set search_path = ''
as $$
    select app.fail_validation(app.span_faults(start_at, end_at))
$$;

comment on function app.require_span(timestamptz, timestamptz) is 'VALIDATION_FAILED unless it is a range of time.';
-- end of sql/app/doctors/require_span.sql

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
rpc/preview_deactivation lists, of an owner their own (why: OWNER_AWAY), which stay. FORBIDDEN, NOT_FOUND. For admins.';
grant execute on function api.preview_user_deactivation(uuid) to app_admin;
-- end of sql/api/preview_user_deactivation.sql

-- from sql/api/create_closure.sql
create or replace function api.create_closure(
    start_at timestamptz default null,
    end_at timestamptz default null,
    reason text default null
)
returns api.admin_closures
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id uuid;
    v_result api.admin_closures;
begin
    perform app.require_admin();
    perform app.fail_validation(
        app.span_faults(start_at, end_at) || jsonb_build_object('reason', app.reason_fault(reason)));
    insert into app.closures as c (start_at, end_at, reason)
    values (create_closure.start_at, create_closure.end_at, btrim(create_closure.reason))
    returning c.id into v_id;
    select c.* into strict v_result from api.admin_closures c where c.id = v_id;
    return v_result;
end
$$;

comment on function api.create_closure(timestamptz, timestamptz, text) is
E'Close the clinic\n\nSlots that overlap the range are not offered any more. What is confirmed in it stays, and is reported as
OVER_CAPACITY (rpc/preview_closure shows it before). Gives the closure. FORBIDDEN, VALIDATION_FAILED. For admins.';
grant execute on function api.create_closure(timestamptz, timestamptz, text) to app_admin;
-- end of sql/api/create_closure.sql

-- from sql/api/update_closure.sql
create or replace function api.update_closure(
    closure_id uuid,
    start_at timestamptz default null,
    end_at timestamptz default null,
    reason text default null
)
returns api.admin_closures
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_closure app.closures;
    v_result api.admin_closures;
begin
    perform app.require_admin();
    select c.* into v_closure from app.closures c where c.id = closure_id for no key update;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such closure.');
    end if;
    v_closure.start_at := coalesce(update_closure.start_at, v_closure.start_at);
    v_closure.end_at := coalesce(update_closure.end_at, v_closure.end_at);
    v_closure.reason := coalesce(btrim(update_closure.reason), v_closure.reason);
    perform app.fail_validation(app.span_faults(v_closure.start_at, v_closure.end_at)
        || jsonb_build_object('reason', app.reason_fault(v_closure.reason)));
    update app.closures c
    set start_at = v_closure.start_at, end_at = v_closure.end_at, reason = v_closure.reason
    where c.id = closure_id;
    select c.* into strict v_result from api.admin_closures c where c.id = closure_id;
    return v_result;
end
$$;

comment on function api.update_closure(uuid, timestamptz, timestamptz, text) is
E'Change a closure\n\nWhat is not given stays; an end_at of now ends it. What is newly closed is treated as by
rpc/create_closure. Gives the closure. FORBIDDEN, NOT_FOUND, VALIDATION_FAILED. For admins.';
grant execute on function api.update_closure(uuid, timestamptz, timestamptz, text) to app_admin;
-- end of sql/api/update_closure.sql

-- from sql/api/delete_closure.sql
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
-- end of sql/api/delete_closure.sql

-- from sql/api/create_absence.sql
create or replace function api.create_absence(
    doctor_id uuid default null,
    start_at timestamptz default null,
    end_at timestamptz default null,
    reason text default null
)
returns api.admin_absences
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id uuid;
    v_result api.admin_absences;
begin
    perform app.require_admin();
    perform app.fail_validation(app.span_faults(start_at, end_at) || jsonb_build_object(
        'doctor_id', case when doctor_id is null then 'Give the doctor.' end,
        'reason', case when reason is not null then app.reason_fault(reason) end));
    perform app.require_doctor(doctor_id);
    insert into app.doctor_absences as b (doctor_id, start_at, end_at, reason)
    values (create_absence.doctor_id, create_absence.start_at, create_absence.end_at, btrim(create_absence.reason))
    returning b.id into v_id;
    select b.* into strict v_result from api.admin_absences b where b.id = v_id;
    return v_result;
end
$$;

comment on function api.create_absence(uuid, timestamptz, timestamptz, text) is
E'Note a doctor''s absence\n\nThe doctor does not count for slots that overlap the range, and is given none of them. What is
confirmed stays, and is reported as OVER_CAPACITY when it is too much then (rpc/preview_absence shows it before). Gives the
absence. FORBIDDEN, VALIDATION_FAILED, NOT_FOUND (the doctor). For admins.';
grant execute on function api.create_absence(uuid, timestamptz, timestamptz, text) to app_admin;
-- end of sql/api/create_absence.sql

-- from sql/api/update_absence.sql
create or replace function api.update_absence(
    absence_id uuid,
    start_at timestamptz default null,
    end_at timestamptz default null,
    reason text default null
)
returns api.admin_absences
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_absence app.doctor_absences;
    v_result api.admin_absences;
begin
    perform app.require_admin();
    select b.* into v_absence from app.doctor_absences b where b.id = absence_id for no key update;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such absence.');
    end if;
    v_absence.start_at := coalesce(update_absence.start_at, v_absence.start_at);
    v_absence.end_at := coalesce(update_absence.end_at, v_absence.end_at);
    perform app.fail_validation(app.span_faults(v_absence.start_at, v_absence.end_at) || jsonb_build_object(
        'reason', case when reason is not null then app.reason_fault(reason) end));
    update app.doctor_absences b
    set start_at = v_absence.start_at, end_at = v_absence.end_at,
        reason = coalesce(btrim(update_absence.reason), b.reason)
    where b.id = absence_id;
    select b.* into strict v_result from api.admin_absences b where b.id = absence_id;
    return v_result;
end
$$;

comment on function api.update_absence(uuid, timestamptz, timestamptz, text) is
E'Change an absence\n\nWhat is not given stays; an end_at of now ends it. What is newly an absence is treated as by
rpc/create_absence. Gives the absence. FORBIDDEN, NOT_FOUND, VALIDATION_FAILED. For admins.';
grant execute on function api.update_absence(uuid, timestamptz, timestamptz, text) to app_admin;
-- end of sql/api/update_absence.sql

-- from sql/api/delete_absence.sql
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
-- end of sql/api/delete_absence.sql

-- from sql/api/update_doctor.sql
create or replace function api.update_doctor(
    doctor_id uuid,
    display_name text default null,
    is_active boolean default null
)
returns api.admin_doctors
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_result api.admin_doctors;
begin
    perform app.require_admin();
    perform app.require_doctor(doctor_id);
    perform app.fail_validation(jsonb_build_object(
        'display_name', case when display_name is not null then app.name_fault(display_name) end));
    update app.doctors d
    set display_name = coalesce(btrim(update_doctor.display_name), d.display_name),
        is_active = coalesce(update_doctor.is_active, d.is_active)
    where d.id = doctor_id;
    select d.* into strict v_result from api.admin_doctors d where d.id = doctor_id;
    return v_result;
end
$$;

comment on function api.update_doctor(uuid, text, boolean) is
E'Change a doctor\n\nWhat is not given stays. Deactivation takes the doctor out of the capacity at once; appointments that are
confirmed stay, and are reported as OVER_CAPACITY when they are too many then (rpc/preview_deactivation shows them before).
Gives the doctor. FORBIDDEN, NOT_FOUND, VALIDATION_FAILED. For admins.';
grant execute on function api.update_doctor(uuid, text, boolean) to app_admin;
-- end of sql/api/update_doctor.sql

-- from sql/api/update_user.sql
create or replace function api.update_user(
    user_id uuid,
    name text default null,
    mobile text default null,
    is_active boolean default null
)
returns api.admin_users
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    return app.change_user(user_id, name, mobile, is_active);
end
$$;

comment on function api.update_user(uuid, text, text, boolean) is
E'Change a person\n\nWhat is not given stays. Deactivation ends every session at once, and takes a doctor out of the capacity
(rpc/preview_user_deactivation shows before what that means). Gives the person. FORBIDDEN, NOT_FOUND, VALIDATION_FAILED,
CONFLICT (the mobile), INVALID_STATE (the last active admin). For admins.';
grant execute on function api.update_user(uuid, text, text, boolean) to app_admin;
-- end of sql/api/update_user.sql

-- from sql/api/read_admin_notification.sql
create or replace function api.read_admin_notification(notification_id uuid)
returns api.notifications
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    return api.read_notification(notification_id);
end
$$;

comment on function api.read_admin_notification(uuid) is
E'Mark a notification for admins as read\n\nFor all admins. Gives the notification. FORBIDDEN, NOT_FOUND. For admins.';
grant execute on function api.read_admin_notification(uuid) to app_admin;
-- end of sql/api/read_admin_notification.sql
