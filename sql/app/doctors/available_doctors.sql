-- The one definition of who can take a call, and so of a slot's capacity. No SET clause, so that it is inlined into
-- the availability query.
create or replace function app.available_doctors(start_at timestamptz, end_at timestamptz)
returns setof app.doctors
language sql
stable
as $$
    select d.*
    from app.doctors d
    join app.users u on u.id = d.user_id
    where d.is_active and u.is_active and u.role = 'DOCTOR'
      and not exists (
          select from app.doctor_absences b
          where b.doctor_id = d.id
            and b.start_at < available_doctors.end_at
            and b.end_at > available_doctors.start_at
      )
$$;

comment on function app.available_doctors(timestamptz, timestamptz) is
    'The active doctors who are not absent in any part of the range.';
