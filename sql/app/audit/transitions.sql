create or replace view app.transitions with (security_invoker = true) as
select 'consultations' as machine, from_status::text, to_status::text, action from app.consultation_transitions
union all
select 'appointments', from_status::text, to_status::text, action from app.appointment_transitions
union all
select 'payments', from_status::text, to_status::text, action from app.payment_transitions
union all
select 'refunds', from_status::text, to_status::text, action from app.refund_transitions;

comment on view app.transitions is 'All state machines in one place; machine is the name of the table that has the status.';
