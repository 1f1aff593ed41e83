-- The one definition of who can take a call, and so of a slot's capacity (app.slot_availability counts the same for
-- many slots at once). No SET clause, so that it is inlined.
create or replace function app.available_doctors(start_at timestamptz, end_at timestamptz)
returns setof app.active_doctors
language sql
stable
as $$
    select d.*
    from app.active_doctors d
    where not exists (
        select from app.doctor_absences b
        where b.doctor_id = d.id
          and b.start_at < available_doctors.end_at
          and b.end_at > available_doctors.start_at
    )
$$;

comment on function app.available_doctors(timestamptz, timestamptz) is
    'The active doctors who are not absent in any part of the range.';
