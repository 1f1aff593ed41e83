-- Columns for the audit log are picked in a loop, not by an aggregate over unnest()
-- Runs at every transition. The executor of a query costs more than the picking; and with no columns to pick, the row is
-- not made into JSON at all.
create or replace function app.pick(object jsonb, keys text[])
returns jsonb
language sql
immutable
parallel safe
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(key, object -> key), '{}') from unnest(keys) as key
$$;

create or replace function app.tg__transition()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_from text;
    v_to text := new.status;
    v_action text;
begin
    if tg_op = 'UPDATE' then
        v_from := old.status;
    end if;
    select t.action into v_action
    from app.transitions t
    where t.machine = tg_table_name and t.from_status is not distinct from v_from and t.to_status = v_to;
    if not found then
        perform app.fail('INVALID_STATE',
            format('A %s in state %s cannot become %s.', tg_argv[0], coalesce(v_from, '(new)'), v_to),
            jsonb_build_object('entity', tg_argv[0], 'from', v_from, 'to', v_to));
    end if;
    perform app.audit(v_action, tg_argv[0], new.id, jsonb_strip_nulls(
        jsonb_build_object('from', v_from, 'to', v_to) || app.pick(to_jsonb(new), tg_argv[1:])));
    return null;
end
$$;
