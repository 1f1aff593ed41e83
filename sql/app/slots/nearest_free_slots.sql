create or replace function app.nearest_free_slots(start_at timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
    with nearest as (
        select a.start_at
        from app.system_config c
        cross join lateral (select (nearest_free_slots.start_at at time zone c.tz)::date as day) l
        cross join lateral app.slot_availability(l.day - 7, l.day + 7) a
        where a.unavailable_reason is null and a.start_at <> nearest_free_slots.start_at
        order by abs(extract(epoch from a.start_at - nearest_free_slots.start_at))
        limit 3
    )
    select coalesce(jsonb_agg(n.start_at order by n.start_at), '[]') from nearest n
$$;

comment on function app.nearest_free_slots(timestamptz) is 'Up to three other slots within a week of this one that are free.';
