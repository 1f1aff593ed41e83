-- Changes of a status are checked and logged once a statement, not once a row
-- A hold changes one row at a time and gains little; the sweeper changes a thousand (see expired holds).
create or replace function app.tg__transition()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into app.audit_log (actor_user_id, action, entity_type, entity_id, meta)
    values (
        app.current_user_id(),
        coalesce(app.transitions() #>> array[tg_table_name, old.status::text, new.status::text],
            app.refuse_transition(tg_argv[0], old.status::text, new.status::text)),
        tg_argv[0], new.id,
        app.audit_context() || jsonb_strip_nulls(jsonb_build_object('from', old.status, 'to', new.status)
            || case when tg_nargs > 1 then app.pick(to_jsonb(new), tg_argv[1:]) else '{}' end));
    return null;
end
$$;
create or replace trigger consultations_510_transition after update on app.consultations
    for each row when (old.status is distinct from new.status)
    execute function app.tg__transition('consultation');
create or replace trigger appointments_510_transition after update on app.appointments
    for each row when (old.status is distinct from new.status)
    execute function app.tg__transition('appointment', 'consultation_id', 'start_at', 'cancel_reason', 'outcome');
