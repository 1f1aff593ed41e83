-- The one guard of every change of a status, whoever makes it, raw SQL included; and, because an allowed change has a
-- name, the one place that writes its audit line (G5 and G6 stand or fall together). Once a statement, not once a row:
-- the sweeper changes a thousand. Old and new rows are matched by id: a row whose id changes has no old state, and none
-- may begin by an update. By a full join, which is never a nested loop: the plan that the first statement of one row made
-- is kept, and must serve a thousand.
-- Arguments: the entity's name, then the columns that belong into meta.
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
        coalesce(app.transitions() #>> array[tg_table_name, coalesce(o.status::text, 'NONE'), n.status::text],
            app.refuse_transition(v_entity, o.status::text, n.status::text)),
        v_entity, n.id,
        v_request || jsonb_strip_nulls(jsonb_build_object('from', o.status, 'to', n.status)
            || case when tg_nargs > 1 then app.pick(to_jsonb(n), tg_argv[1:]) else '{}' end)
    from new_rows n
    full join old_rows o on o.id = n.id
    where n.status is distinct from o.status;
    return null;
end
$$;

comment on function app.tg__transition() is
    'Refuses a change of status that is not in app.transitions(), and logs one that is.';
