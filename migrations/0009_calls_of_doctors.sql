-- calls of doctors
-- depends: 0008_search_the_beginning_of_a_long_text

-- from sql/app/search/require_page.sql
create or replace function app.require_page(max_rows integer, before_at timestamptz, before_id uuid)
returns void
language sql
set search_path = ''
as $$
    select app.fail_validation(jsonb_build_object(
        'max_rows', case when max_rows is null or max_rows not between 1 and 101 then 'Give a number from 1 to 101.' end,
        'cursor', case when (before_at is null) <> (before_id is null)
            then 'Give both the time and the id of the last row, or neither.' end))
$$;

comment on function app.require_page(integer, timestamptz, uuid) is 'VALIDATION_FAILED unless it names a page of a list.';
grant execute on function app.require_page(integer, timestamptz, uuid) to app_admin;
-- end of sql/app/search/require_page.sql

-- from sql/api/doctor_appointments.sql
create or replace view api.doctor_appointments with (security_invoker = true) as
select
    a.id, a.start_at, a.end_at, a.status, a.outcome, a.version, a.created_at, a.updated_at,
    (
        select jsonb_build_object('name', u.name, 'mobile', u.mobile)
        from app.users u where u.id = c.user_id
    ) as owner,
    (
        select jsonb_build_object(
            'id', p.id, 'type', p.type, 'name', p.name, 'breed', p.breed, 'gender', p.gender, 'neutered', p.neutered,
            'birth_date', p.birth_date, 'created_at', p.created_at)
        from app.pets p where p.id = c.pet_id
    ) as pet,
    case when c.id is not null then jsonb_build_object(
        'id', c.id, 'type', c.type, 'status', c.status, 'message_text', c.message_text,
        'voice_media_id', c.voice_media_id) end as consultation,
    c.media
from app.appointments a
left join api.consultations c on c.id = a.consultation_id and a.status <> 'CANCELED';

grant select on api.doctor_appointments to app_doctor;

comment on view api.doctor_appointments is E'Appointments, for doctors\n\nThe doctor''s own, each with the owner to call, the
pet (deleted or not), the problem as the owner described it, and the files. Of a canceled one only the times are shown, the
rest is null. Filtered by rpc/search_doctor_appointments, ended by rpc/complete_appointment.';
-- end of sql/api/doctor_appointments.sql

-- from sql/api/search_doctor_appointments.sql
-- Definer, because the policies for doctors gather a doctor's whole history, and would do so for each row that is shown.
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

-- from sql/api/complete_appointment.sql
-- Locks the consultation first, like everything that changes it; only then is it certain whose the appointment is.
create or replace function api.complete_appointment(
    appointment_id uuid,
    outcome app.appointment_outcome default null
)
returns api.doctor_appointments
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_seat app.appointments;
    v_result api.doctor_appointments;
begin
    perform app.lock_consultation(a.consultation_id)
    from app.appointments a
    where a.id = appointment_id and a.doctor_id = app.current_doctor_id();
    select a.* into v_seat
    from app.appointments a
    where a.id = appointment_id and a.doctor_id = app.current_doctor_id();
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such appointment.');
    end if;
    perform app.complete_appointment(v_seat, outcome);
    select v.* into strict v_result from api.doctor_appointments v where v.id = appointment_id;
    return v_result;
end
$$;

comment on function api.complete_appointment(uuid, app.appointment_outcome) is
E'End a call\n\nThe doctor''s own confirmed appointment, once it has begun: it and its consultation are COMPLETED, with the
outcome TOOK_PLACE unless NO_SHOW is given. Gives the appointment. NOT_FOUND, INVALID_STATE. For doctors.';
grant execute on function api.complete_appointment(uuid, app.appointment_outcome) to app_doctor;
-- end of sql/api/complete_appointment.sql
