-- Every change of a payment's status that is allowed, and what the audit log calls it. Rows without a first state are
-- the states in which a payment may begin.
create table app.payment_transitions (
    from_status app.payment_status,
    to_status app.payment_status not null,
    action text not null,
    constraint payment_transitions_key unique nulls not distinct (from_status, to_status)
);

alter table app.payment_transitions enable row level security;
alter table app.payment_transitions force row level security;
create policy payment_transitions_all_owner on app.payment_transitions to app_owner using (true) with check (true);

comment on table app.payment_transitions is 'The allowed changes of a payment''s status, enforced by app.tg__transition.';

insert into app.payment_transitions (from_status, to_status, action) values
    (null, 'INITIATED', 'PAYMENT_INITIATED'),
    ('INITIATED', 'PENDING', 'PAYMENT_PENDING'),
    ('INITIATED', 'FAILED', 'PAYMENT_FAILED'),
    ('INITIATED', 'EXPIRED', 'PAYMENT_EXPIRED'),
    ('INITIATED', 'CANCELED', 'PAYMENT_CANCELED'),
    ('PENDING', 'VERIFIED', 'PAYMENT_VERIFIED'),
    ('PENDING', 'FAILED', 'PAYMENT_FAILED'),
    ('PENDING', 'EXPIRED', 'PAYMENT_EXPIRED'),
    ('PENDING', 'CANCELED', 'PAYMENT_CANCELED'),
    -- late truth wins: closed in good faith, and paid after all
    ('FAILED', 'VERIFIED', 'PAYMENT_VERIFIED'),
    ('EXPIRED', 'VERIFIED', 'PAYMENT_VERIFIED'),
    ('CANCELED', 'VERIFIED', 'PAYMENT_VERIFIED');
