-- state machines in one expression
-- depends: 0032_forget_people_and_tell_them_as_they_are_now

-- alter for sql/foundation/enums.sql 45b3eb4ab1cf
-- Only its first comment.

-- from sql/app/audit/transitions.sql
-- Every change of a status that is allowed, and what the audit log calls it: table, status before, status after. An
-- expression and not a table: it is part of the plan of every statement that asks, and nobody can add to it but a
-- migration. No SET clause, so that it is inlined.
-- DETAILS_SUBMITTED becomes PAID when the proof of payment comes after the hold ran out, SLOT_HELD when an earlier
-- attempt proves to be paid while a new seat is held.
create or replace function app.transitions()
returns jsonb
language sql
immutable
parallel safe
as $$
    select '{
        "consultations": {
            "NEW": {"DRAFT": "CONSULTATION_CREATED"},
            "DRAFT": {"DETAILS_SUBMITTED": "CONSULTATION_DETAILS_SUBMITTED",
                "CANCELED": "CONSULTATION_CANCELED", "EXPIRED": "CONSULTATION_EXPIRED"},
            "DETAILS_SUBMITTED": {"SLOT_HELD": "CONSULTATION_SLOT_HELD", "PAID": "CONSULTATION_PAID",
                "CANCELED": "CONSULTATION_CANCELED", "EXPIRED": "CONSULTATION_EXPIRED"},
            "SLOT_HELD": {"DETAILS_SUBMITTED": "CONSULTATION_SLOT_RELEASED",
                "PAYMENT_INITIATED": "CONSULTATION_PAYMENT_INITIATED", "PAID": "CONSULTATION_PAID",
                "CANCELED": "CONSULTATION_CANCELED"},
            "PAYMENT_INITIATED": {"DETAILS_SUBMITTED": "CONSULTATION_PAYMENT_FAILED",
                "PAID": "CONSULTATION_PAID", "CANCELED": "CONSULTATION_CANCELED"},
            "PAID": {"SCHEDULED": "CONSULTATION_SCHEDULED", "CANCELED": "CONSULTATION_CANCELED"},
            "SCHEDULED": {"COMPLETED": "CONSULTATION_COMPLETED", "CANCELED": "CONSULTATION_CANCELED"}},
        "appointments": {
            "NEW": {"HELD": "SLOT_HELD"},
            "HELD": {"CONFIRMED": "APPOINTMENT_CONFIRMED", "CANCELED": "HOLD_RELEASED"},
            "CONFIRMED": {"COMPLETED": "APPOINTMENT_COMPLETED", "CANCELED": "APPOINTMENT_CANCELED"}},
        "payments": {
            "NEW": {"INITIATED": "PAYMENT_INITIATED"},
            "INITIATED": {"PENDING": "PAYMENT_PENDING", "FAILED": "PAYMENT_FAILED",
                "EXPIRED": "PAYMENT_EXPIRED", "CANCELED": "PAYMENT_CANCELED"},
            "PENDING": {"VERIFIED": "PAYMENT_VERIFIED", "FAILED": "PAYMENT_FAILED",
                "EXPIRED": "PAYMENT_EXPIRED", "CANCELED": "PAYMENT_CANCELED"},
            "FAILED": {"VERIFIED": "PAYMENT_VERIFIED"},
            "EXPIRED": {"VERIFIED": "PAYMENT_VERIFIED"},
            "CANCELED": {"VERIFIED": "PAYMENT_VERIFIED"}},
        "refunds": {
            "NEW": {"DUE": "REFUND_DUE"},
            "DUE": {"REVERSED": "REFUND_REVERSED", "TRANSFERRED": "REFUND_TRANSFERRED"}}
    }'::jsonb
$$;

comment on function app.transitions() is
    'The state machines: {table: {status before, or NEW: {status after: action in the audit log}}}. The guards are
app.tg__first_state and app.tg__transition.';
-- end of sql/app/audit/transitions.sql

-- from sql/app/audit/tg__first_state.sql
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
-- end of sql/app/audit/tg__first_state.sql

-- from sql/app/audit/tg__transition.sql
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
-- end of sql/app/audit/tg__transition.sql

-- alter for sql/app/consultations/consultations.sql fd66ff8ef334
create or replace trigger consultations_500_first_state after insert on app.consultations
    for each row execute function app.tg__first_state('consultation', 'base_price_toman');

-- alter for sql/app/appointments/appointments.sql 583f306be9f4
create or replace trigger appointments_500_first_state after insert on app.appointments
    for each row execute function app.tg__first_state('appointment', 'consultation_id', 'start_at');

-- alter for sql/app/payments/payments.sql 48e5447f72b3
create or replace trigger payments_500_first_state after insert on app.payments
    for each row execute function app.tg__first_state('payment', 'consultation_id', 'appointment_id', 'amount_toman');

-- alter for sql/app/payments/refunds.sql 1811c4d1e365
create or replace trigger refunds_500_first_state after insert on app.refunds
    for each row execute function app.tg__first_state('refund', 'payment_id', 'amount_toman', 'reason');

-- from sql/app/invariants/state_invariants.sql
create or replace function app.state_invariants()
returns table (rule text, entity text, id uuid, explanation text)
language sql
stable
set search_path = ''
as $$
    select 'G5', 'consultation', c.id, format('%s without a verified payment', c.status)
    from app.consultations c
    where c.status in ('PAID', 'SCHEDULED', 'COMPLETED')
      and not exists (select from app.payments p where p.consultation_id = c.id and p.status = 'VERIFIED')
    union all
    select 'G5', 'consultation', c.id, format('%s with an appointment that is %s', c.status, a.status)
    from app.consultations c
    left join app.appointments a on a.consultation_id = c.id and a.status in ('HELD', 'CONFIRMED')
    where (c.status = 'SLOT_HELD' and a.status is distinct from 'HELD')
       or (c.status = 'PAYMENT_INITIATED' and a.status = 'CONFIRMED')
       or (c.status = 'SCHEDULED' and a.status is distinct from 'CONFIRMED')
       or (c.status in ('DRAFT', 'DETAILS_SUBMITTED', 'PAID', 'COMPLETED', 'CANCELED', 'EXPIRED') and a.id is not null)
    union all
    select 'G6', m.entity, m.id, format('the last audited state is not %s', m.status)
    from (
        select 'consultation' as entity, c.id, c.status::text from app.consultations c
        union all
        select 'appointment', a.id, a.status::text from app.appointments a
        union all
        select 'payment', p.id, p.status::text from app.payments p
        union all
        select 'refund', r.id, r.status::text from app.refunds r
    ) m
    where m.status is distinct from (
        select l.meta ->> 'to'
        from app.audit_log l
        where l.entity_id = m.id and l.entity_type = m.entity and l.meta ? 'to'
          and l.action in (select jsonb_path_query(app.transitions(), '$.*.*.*') #>> '{}')
        order by l.created_at desc, l.id desc
        limit 1
    )
$$;

comment on function app.state_invariants() is 'G5 and G6: states that fit together, each with its audit line.';
-- end of sql/app/invariants/state_invariants.sql

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
        v_picked[v_key] := object -> v_key;
    end loop;
    return v_picked;
end
$$;

comment on function app.pick(jsonb, text[]) is 'The object with only these keys.';
-- end of sql/app/audit/pick.sql
