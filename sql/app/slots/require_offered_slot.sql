create or replace function app.require_offered_slot(start_at timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
    v_day date;
    v_is_open boolean;
    v_end_at timestamptz;
    v_rule text;
begin
    select (start_at at time zone c.tz)::date,
           extract(isodow from start_at at time zone c.tz)::smallint = any (c.open_weekdays)
    into v_day, v_is_open
    from app.system_config c;
    select g.end_at, g.unavailable_reason into v_end_at, v_rule
    from app.slot_grid(v_day, v_day) g
    where g.start_at = require_offered_slot.start_at;
    if not found then
        v_rule := case when v_is_open then 'OFF_GRID' else 'CLOSED_DAY' end;
    end if;
    if v_rule is not null then
        perform app.fail('SLOT_NOT_OFFERED', 'This time is not offered.', jsonb_build_object('rule', v_rule));
    end if;
    return v_end_at;
end
$$;

comment on function app.require_offered_slot(timestamptz) is
    'The end of the offered slot that begins then. SLOT_NOT_OFFERED with the rule: PAST, BEYOND_HORIZON, CLOSED,
OFF_GRID or CLOSED_DAY.';
