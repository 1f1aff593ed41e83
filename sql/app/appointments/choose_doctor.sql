-- Among those free at that time, the one with the fewest confirmed assignments in the last 30 days, ties to the least
-- recently assigned. The candidates are locked first: two confirmations at once count each other.
create or replace function app.choose_doctor(
    appointment app.appointments,
    out doctor_id uuid,
    out reason jsonb
)
language plpgsql
set search_path = ''
as $$
declare
    -- A variable, since a volatile function can't be the condition of an index: every assignment ever would be read.
    v_since constant timestamptz := clock_timestamp() - interval '30 days';
begin
    perform app.lock_doctors();
    if (select c.doctor_assignment from app.system_config c) = 'MANUAL' then
        return;
    end if;
    with candidates as (
        select d.id, row_number() over (order by r.assignments, r.last_assigned_at nulls first, d.id) as place,
            jsonb_build_object(
                'assignments_in_30_days', r.assignments, 'last_assigned_at', r.last_assigned_at) as figures
        from app.available_doctors(appointment.start_at, appointment.end_at) d
        cross join lateral (
            select count(*) as assignments, max(a.assigned_at) as last_assigned_at
            from app.appointments a
            where a.doctor_id = d.id
              and a.status <> 'CANCELED'
              and a.assigned_at > v_since
        ) r
        where not exists (
            select from app.appointments a
            where a.slot_id = appointment.slot_id and a.doctor_id = d.id and a.status <> 'CANCELED'
        )
    )
    select c.id, c.figures || jsonb_build_object(
        'policy', 'ROUND_ROBIN',
        'candidates', count(*) over (),
        'others', (select coalesce(jsonb_agg(o.figures || jsonb_build_object('doctor_id', o.id) order by o.place), '[]')
                   from candidates o where o.place > 1))
    into doctor_id, reason
    from candidates c
    order by c.place
    limit 1;
end
$$;

comment on function app.choose_doctor(app.appointments) is
    'The doctor whose turn it is for this appointment, and why: the figures of the chosen one and, in the order of their
turn, of the others who were free. Nulls when nobody is free or an admin assigns.';
