create type app.affected_appointment as (
    appointment_id uuid,
    consultation_id uuid,
    status app.appointment_status,
    start_at timestamptz,
    doctor_id uuid,
    doctor_name text,
    owner_name text,
    owner_mobile text,
    why text,
    is_over_capacity boolean
);

comment on type app.affected_appointment is
    'What a closure, an absence or a deactivation means to one appointment: why is IN_CLOSURE, DOCTOR_AWAY (its own
doctor), OVER_CAPACITY (another''s, but there are more calls then than doctors) or OWNER_AWAY (its owner''s account).';
