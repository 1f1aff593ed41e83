create or replace function app.require_offered_slot(start_at timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
    v_end_at timestamptz;
    v_rule text;
begin
    select g.end_at, case
        when g.start_at is not null then g.unavailable_reason
        when extract(isodow from l.day)::smallint = any (c.open_weekdays) then 'OFF_GRID'
        else 'CLOSED_DAY'
    end
    into v_end_at, v_rule
    from app.system_config c
    cross join lateral (select (require_offered_slot.start_at at time zone c.tz)::date as day) l
    left join lateral app.slot_grid(l.day, l.day) g on g.start_at = require_offered_slot.start_at;
    if v_rule is not null then
        perform app.fail('SLOT_NOT_OFFERED', 'This time is not offered.', jsonb_build_object('rule', v_rule));
    end if;
    return v_end_at;
end
$$;

comment on function app.require_offered_slot(timestamptz) is
    'The end of the offered slot that begins then. SLOT_NOT_OFFERED with the rule: PAST, BEYOND_HORIZON, CLOSED,
OFF_GRID or CLOSED_DAY.';
