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
