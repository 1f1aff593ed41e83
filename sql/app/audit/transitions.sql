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
