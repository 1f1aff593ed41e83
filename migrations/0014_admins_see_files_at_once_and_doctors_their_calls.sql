-- Admins see files at once and doctors their calls
-- depends: 0013_owners_are_told_of_refunds_and_pay_for_live_seats_alone

-- from sql/app/doctors/call_of_doctor.sql
-- Definer, because the policies for doctors gather a doctor's whole history, and would do so for each row that is shown:
-- here it is one look by key, on the same terms. Its plan is kept, whatever a search that calls it says of its own.
create or replace function app.call_of_doctor(appointment_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
    select jsonb_build_object(
        'owner', jsonb_build_object('name', u.name, 'mobile', u.mobile),
        'pet', jsonb_build_object(
            'id', p.id, 'type', p.type, 'name', p.name, 'breed', p.breed, 'gender', p.gender, 'neutered', p.neutered,
            'birth_date', p.birth_date, 'created_at', p.created_at),
        'consultation', jsonb_build_object(
            'id', c.id, 'type', c.type, 'status', c.status, 'message_text', c.message_text,
            'voice_media_id', c.voice_media_id),
        'media', c.media)
    from app.appointments a
    join api.consultations c on c.id = a.consultation_id
    join app.users u on u.id = c.user_id
    join app.pets p on p.id = c.pet_id
    where a.id = call_of_doctor.appointment_id and a.doctor_id = app.current_doctor_id() and a.status <> 'CANCELED'
$$;

comment on function app.call_of_doctor(uuid) is
    'Whom the signed-in doctor calls and why: owner, pet, consultation, media; null when the call is not theirs, or is
canceled.';
grant execute on function app.call_of_doctor(uuid) to app_doctor;
-- end of sql/app/doctors/call_of_doctor.sql

-- from sql/api/doctor_appointments.sql
-- OFFSET 0: what belongs to a call is looked up once a row, and not once a column.
create or replace view api.doctor_appointments with (security_invoker = true) as
select
    a.id, a.start_at, a.end_at, a.status, a.outcome, a.version, a.created_at, a.updated_at,
    c.call -> 'owner' as owner, c.call -> 'pet' as pet, c.call -> 'consultation' as consultation,
    c.call -> 'media' as media
from app.appointments a
cross join lateral (select app.call_of_doctor(a.id) as call offset 0) c;

grant select on api.doctor_appointments to app_doctor;

comment on view api.doctor_appointments is E'Appointments, for doctors\n\nThe doctor''s own, each with the owner to call, the
pet (deleted or not), the problem as the owner described it, and the files. Of a canceled one only the times are shown, the
rest is null. Filtered by rpc/search_doctor_appointments, ended by rpc/complete_appointment.';
-- end of sql/api/doctor_appointments.sql

-- from sql/api/search_doctor_appointments.sql
-- Definer, because doctors may not read the clinic's settings, in whose zone the days are.
create or replace function api.search_doctor_appointments(
    "from" date default null,
    "to" date default null,
    status app.appointment_status default null,
    max_rows integer default 20,
    after_at timestamptz default null,
    after_id uuid default null
)
returns setof api.doctor_appointments
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_doctor_id uuid := app.current_doctor_id();
    v_since timestamptz;
    v_until timestamptz;
begin
    perform app.require_page(max_rows, after_at, after_id);
    select p.since, p.until into v_since, v_until from app.read_period("from", "to") p;
    return query
    select v.*
    from (
        select a.id
        from app.appointments a
        where a.doctor_id = v_doctor_id
          and (v_since is null or a.start_at >= v_since)
          and (v_until is null or a.start_at < v_until)
          and (search_doctor_appointments.status is null or a.status = search_doctor_appointments.status)
          and (after_at is null or a.start_at >= after_at)  -- what the index starts from
          and (after_at is null or (a.start_at, a.id) > (after_at, after_id))
        order by a.start_at, a.id
        limit max_rows
    ) page
    join api.doctor_appointments v on v.id = page.id
    order by v.start_at, v.id;
end
$$;

comment on function api.search_doctor_appointments(
    date, date, app.appointment_status, integer, timestamptz, uuid) is
E'Find the doctor''s appointments\n\nThe doctor''s own that meet all filters that are given, in the order of the calls:
those that start from "from" to "to" (days in the clinic''s zone, both included), and status. At most max_rows (1 to 101);
after_at and after_id are the start_at and id of the last row seen. VALIDATION_FAILED. For doctors.';
grant execute on function api.search_doctor_appointments(
    date, date, app.appointment_status, integer, timestamptz, uuid) to app_doctor;
-- end of sql/api/search_doctor_appointments.sql

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
    if role = 'USER' and app.current_user_id() is null then  -- who registers is not signed in yet
        perform app.audit('USER_REGISTERED', 'user', v_user_id, jsonb_build_object('role', role), v_user_id);
    else
        perform app.audit('USER_CREATED', 'user', v_user_id, jsonb_build_object('role', role));
    end if;
    return v_user_id;
end
$$;

comment on function app.create_user(app.user_role, text, text, text, text) is
    'Makes a person with a password hash; a doctor gets a row in app.doctors too, shown to owners by
display_name (by the name, when it is null). An owner whom nobody makes has registered, and is logged as that
(USER_REGISTERED, their own doing). All others are made (USER_CREATED): by the signed-in admin, or by nobody, on the command
line. VALIDATION_FAILED, CONFLICT.';
-- end of sql/app/identity/create_user.sql

-- from sql/sidecar/consultation_objects.sql
-- A link is the file, for a quarter of an hour and for whoever has it: so that it was given is logged, once for all the
-- files, and not again while the last ones still work. An admin who leaves the page open does not fill the log.
create or replace function sidecar.consultation_objects(consultation_id uuid)
returns table (media_id uuid, object_key text, mime_type text, extension text)
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    return query
        select m.id, m.object_key, m.mime_type, r.extension
        from app.media m
        join app.upload_rules r on r.category = m.category and r.mime_type = m.mime_type
        where m.consultation_id = consultation_objects.consultation_id;
    if found and not exists (
        select from app.audit_log l
        where l.entity_id = consultation_objects.consultation_id and l.action = 'MEDIA_LINKS_GIVEN'
          and l.actor_user_id = app.current_user_id() and l.created_at > clock_timestamp() - interval '15 minutes'
    ) then
        perform app.audit('MEDIA_LINKS_GIVEN', 'consultation', consultation_objects.consultation_id);
    end if;
end
$$;

comment on function sidecar.consultation_objects(uuid) is
    'Where the files of a consultation lie and what they are, for links that the signed-in admin is about to get; logged.
FORBIDDEN.';
grant execute on function sidecar.consultation_objects(uuid) to sidecar;
-- end of sql/sidecar/consultation_objects.sql
