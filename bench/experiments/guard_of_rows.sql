-- Changes of a status are checked and logged once a statement, not once a row
-- A hold changes one row at a time and gains nothing; the sweeper changes a thousand (see expired holds).
create or replace function app.tg__transition()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_from text;
    v_action text;
begin
    if tg_op = 'UPDATE' then
        v_from := old.status;
    end if;
    select t.action into v_action
    from app.transitions t
    where t.machine = tg_table_name and t.from_status is not distinct from v_from and t.to_status = new.status::text;
    if not found then
        perform app.refuse_transition(tg_argv[0], v_from, new.status::text);
    end if;
    perform app.audit(v_action, tg_argv[0], new.id, jsonb_strip_nulls(
        jsonb_build_object('from', v_from, 'to', new.status) || app.pick(to_jsonb(new), tg_argv[1:])));
    return null;
end
$$;
create or replace trigger consultations_510_transition after update on app.consultations
    for each row when (old.status is distinct from new.status)
    execute function app.tg__transition('consultation');
create or replace trigger consultations_500_first_state after insert on app.consultations
    for each row execute function app.tg__transition('consultation', 'base_price_toman');
create or replace trigger appointments_500_first_state after insert on app.appointments
    for each row execute function app.tg__transition('appointment', 'consultation_id', 'start_at');
create or replace trigger appointments_510_transition after update on app.appointments
    for each row when (old.status is distinct from new.status)
    execute function app.tg__transition('appointment', 'consultation_id', 'start_at', 'cancel_reason', 'outcome');
