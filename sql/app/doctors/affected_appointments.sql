-- The same before the change, as a preview, and after it, for the report: who is away is left out of the doctors, whether
-- that is known to the tables already or not; without a doctor nobody is there. Held seats count for themselves only:
-- they may never be paid.
create or replace function app.affected_appointments(
    start_at timestamptz,
    end_at timestamptz,
    doctor_id uuid default null
)
returns setof app.affected_appointment
language sql
stable
set search_path = ''
as $$
    with live as (
        select a.* from app.appointments a
        where a.start_at > affected_appointments.start_at - interval '4 hours'
          and a.start_at < affected_appointments.end_at
          and a.end_at > greatest(affected_appointments.start_at, clock_timestamp())
          and (a.status = 'CONFIRMED' or a.status = 'HELD' and a.hold_expires_at > clock_timestamp())
    ), busy as (
        select l.slot_id, count(*) filter (where l.status = 'CONFIRMED') as confirmed, count(*) as taken, (
            select count(*) from app.available_doctors(l.start_at, l.end_at) d
            where d.id <> affected_appointments.doctor_id) as doctors
        from live l
        group by l.slot_id, l.start_at, l.end_at
    ), judged as (
        select l.*, case l.status when 'CONFIRMED' then b.confirmed else b.taken end > b.doctors as is_over
        from live l join busy b on b.slot_id = l.slot_id
    )
    select j.id, j.consultation_id, j.status, j.start_at, j.doctor_id, d.display_name, u.name, u.mobile, case
        when affected_appointments.doctor_id is null then 'IN_CLOSURE'
        when j.doctor_id = affected_appointments.doctor_id then 'DOCTOR_AWAY'
        else 'OVER_CAPACITY' end, j.is_over
    from judged j
    join app.users u on u.id = j.user_id
    left join app.doctors d on d.id = j.doctor_id
    where j.is_over or j.doctor_id = affected_appointments.doctor_id
    order by j.start_at, j.id
$$;

comment on function app.affected_appointments(timestamptz, timestamptz, uuid) is
    'The held and confirmed appointments that suffer when the doctor, or without one the clinic, is away in the range.';
