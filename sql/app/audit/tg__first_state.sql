-- The guard of the status that a row begins with; app.tg__transition says more. After the insert, not before: one that
-- ends in ON CONFLICT DO NOTHING must not be logged.
-- Arguments: the entity's name, then the columns that belong into meta.
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
        coalesce(app.transitions() #>> array[tg_table_name, 'NEW', new.status::text],
            app.refuse_transition(tg_argv[0], null, new.status::text)),
        tg_argv[0], new.id,
        app.audit_context()
            || jsonb_strip_nulls(jsonb_build_object('to', new.status) || app.pick(to_jsonb(new), tg_argv[1:])));
    return null;
end
$$;

comment on function app.tg__first_state() is
    'Refuses a status that no row may begin with, and logs one that is allowed.';
