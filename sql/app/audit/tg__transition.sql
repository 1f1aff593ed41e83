-- The one guard of every status, whoever changes it, raw SQL included; and, because an allowed change has a name, the
-- one place that writes its audit line (G5 and G6 stand or fall together). After the row, not before: an insert that
-- ends in ON CONFLICT DO NOTHING must not be logged.
-- Arguments: the entity's name, then the columns that belong into meta.
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
    v_meta jsonb;
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
    v_meta := jsonb_build_object('from', v_from, 'to', v_to);
    if tg_nargs > 1 then
        v_meta := v_meta || app.pick(to_jsonb(new), tg_argv[1:]);
    end if;
    perform app.audit(v_action, tg_argv[0], new.id, jsonb_strip_nulls(v_meta));
    return null;
end
$$;

comment on function app.tg__transition() is
    'Refuses a change of status that is not in the transition tables, and logs one that is.';
