-- The state machines are an expression, not a table
create table if not exists bench.transitions as
select m.key as machine, f.key as from_status, t.key as to_status, t.value as action
from jsonb_each(app.transitions()) m, jsonb_each(m.value) f, jsonb_each_text(f.value) t;
create or replace function app.tg__first_state()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into app.audit_log (actor_user_id, action, entity_type, entity_id, meta)
    values (
        app.current_user_id(),
        coalesce((select t.action from bench.transitions t
                  where t.machine = tg_table_name and t.from_status = 'NEW' and t.to_status = new.status::text),
            app.refuse_transition(tg_argv[0], null, new.status::text)),
        tg_argv[0], new.id,
        app.audit_context()
            || jsonb_strip_nulls(jsonb_build_object('to', new.status) || app.pick(to_jsonb(new), tg_argv[1:])));
    return null;
end
$$;
create or replace function app.tg__transition()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_entity text := tg_argv[0];
    v_actor uuid := app.current_user_id();
    v_request jsonb := app.audit_context();
begin
    insert into app.audit_log (actor_user_id, action, entity_type, entity_id, meta)
    select v_actor,
        coalesce(t.action,
            app.refuse_transition(v_entity, o.status::text, n.status::text)),
        v_entity, n.id,
        v_request || jsonb_strip_nulls(jsonb_build_object('from', o.status, 'to', n.status)
            || case when tg_nargs > 1 then app.pick(to_jsonb(n), tg_argv[1:]) else '{}' end)
    from new_rows n
    full join old_rows o on o.id = n.id
    left join bench.transitions t
        on t.machine = tg_table_name and t.from_status = o.status::text and t.to_status = n.status::text
    where n.status is distinct from o.status;
    return null;
end
$$;
