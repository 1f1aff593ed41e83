-- what a hold costs less
-- depends: 0006_people_and_doctors_by_admins

-- from sql/app/audit/pick.sql
-- In a loop: it runs at every transition, where starting an aggregate would take longer than all the rest.
create or replace function app.pick(object jsonb, keys text[])
returns jsonb
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
    v_key text;
    v_picked jsonb := '{}';
begin
    foreach v_key in array keys loop
        v_picked := v_picked || jsonb_build_object(v_key, object -> v_key);
    end loop;
    return v_picked;
end
$$;

comment on function app.pick(jsonb, text[]) is 'The object with only these keys.';
-- end of sql/app/audit/pick.sql

-- from sql/app/audit/tg__transition.sql
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
-- end of sql/app/audit/tg__transition.sql

-- from sql/app/payments/open_payment.sql
-- An attempt that has been waiting for its authority for more than a minute was left by a crash between the two
-- transactions: nobody was sent to the gateway with it.
create or replace function app.open_payment(consultation_id uuid)
returns app.payments
language plpgsql
set search_path = ''
as $$
declare
    v_payment app.payments;
begin
    select p.* into v_payment from app.payments p
    where p.consultation_id = open_payment.consultation_id and p.status in ('INITIATED', 'PENDING');
    if v_payment.status = 'INITIATED' and v_payment.authority is null
        and v_payment.created_at < clock_timestamp() - interval '1 minute'
    then
        update app.payments p set status = 'FAILED' where p.id = v_payment.id;
        v_payment := null;
    end if;
    return v_payment;
end
$$;

comment on function app.open_payment(uuid) is 'The locked consultation''s open attempt, or null; closes one left by a crash.';
-- end of sql/app/payments/open_payment.sql
