-- the tables of transitions go
-- depends: 0033_state_machines_in_one_expression

-- By itself, after the guards that read them have been replaced: a statement that is under way has them locked.
lock table app.transitions in access exclusive mode;
-- squawk-ignore ban-drop-view
drop view app.transitions;

-- drop for sql/app/audit/consultation_transitions.sql
-- squawk-ignore ban-drop-table
drop table app.consultation_transitions;

-- drop for sql/app/audit/appointment_transitions.sql
-- squawk-ignore ban-drop-table
drop table app.appointment_transitions;

-- drop for sql/app/audit/payment_transitions.sql
-- squawk-ignore ban-drop-table
drop table app.payment_transitions;

-- drop for sql/app/audit/refund_transitions.sql
-- squawk-ignore ban-drop-table
drop table app.refund_transitions;
