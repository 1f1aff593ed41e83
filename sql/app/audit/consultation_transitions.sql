-- Every change of a consultation's status that is allowed, and what the audit log calls it. Rows without a first state are
-- the states in which a consultation may begin.
create table app.consultation_transitions (
    from_status app.consultation_status,
    to_status app.consultation_status not null,
    action text not null,
    constraint consultation_transitions_key unique nulls not distinct (from_status, to_status)
);

alter table app.consultation_transitions enable row level security;
alter table app.consultation_transitions force row level security;
create policy consultation_transitions_all_owner on app.consultation_transitions to app_owner using (true) with check (true);

comment on table app.consultation_transitions is 'The allowed changes of a consultation''s status, enforced by app.tg__transition.';

insert into app.consultation_transitions (from_status, to_status, action) values
    (null, 'DRAFT', 'CONSULTATION_CREATED'),
    ('DRAFT', 'DETAILS_SUBMITTED', 'CONSULTATION_DETAILS_SUBMITTED'),
    ('DRAFT', 'CANCELED', 'CONSULTATION_CANCELED'),
    ('DRAFT', 'EXPIRED', 'CONSULTATION_EXPIRED'),
    ('DETAILS_SUBMITTED', 'SLOT_HELD', 'CONSULTATION_SLOT_HELD'),
    ('DETAILS_SUBMITTED', 'PAID', 'CONSULTATION_PAID'),  -- the proof of payment came after the hold ran out
    ('DETAILS_SUBMITTED', 'CANCELED', 'CONSULTATION_CANCELED'),
    ('DETAILS_SUBMITTED', 'EXPIRED', 'CONSULTATION_EXPIRED'),
    ('SLOT_HELD', 'DETAILS_SUBMITTED', 'CONSULTATION_SLOT_RELEASED'),
    ('SLOT_HELD', 'PAYMENT_INITIATED', 'CONSULTATION_PAYMENT_INITIATED'),
    ('SLOT_HELD', 'PAID', 'CONSULTATION_PAID'),  -- an earlier attempt proved to be paid while a new seat is held
    ('SLOT_HELD', 'CANCELED', 'CONSULTATION_CANCELED'),
    ('PAYMENT_INITIATED', 'DETAILS_SUBMITTED', 'CONSULTATION_PAYMENT_FAILED'),
    ('PAYMENT_INITIATED', 'PAID', 'CONSULTATION_PAID'),
    ('PAYMENT_INITIATED', 'CANCELED', 'CONSULTATION_CANCELED'),
    ('PAID', 'SCHEDULED', 'CONSULTATION_SCHEDULED'),
    ('PAID', 'CANCELED', 'CONSULTATION_CANCELED'),
    ('SCHEDULED', 'COMPLETED', 'CONSULTATION_COMPLETED'),
    ('SCHEDULED', 'CANCELED', 'CONSULTATION_CANCELED');
