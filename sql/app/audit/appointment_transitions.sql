-- Every change of an appointment's status that is allowed, and what the audit log calls it. Rows without a first state are
-- the states in which an appointment may begin.
create table app.appointment_transitions (
    from_status app.appointment_status,
    to_status app.appointment_status not null,
    action text not null,
    constraint appointment_transitions_key unique nulls not distinct (from_status, to_status)
);

alter table app.appointment_transitions enable row level security;
alter table app.appointment_transitions force row level security;
create policy appointment_transitions_all_owner on app.appointment_transitions to app_owner using (true) with check (true);

comment on table app.appointment_transitions is 'The allowed changes of an appointment''s status, enforced by app.tg__transition.';

insert into app.appointment_transitions (from_status, to_status, action) values
    (null, 'HELD', 'SLOT_HELD'),
    ('HELD', 'CONFIRMED', 'APPOINTMENT_CONFIRMED'),
    ('HELD', 'CANCELED', 'HOLD_RELEASED'),
    ('CONFIRMED', 'COMPLETED', 'APPOINTMENT_COMPLETED'),
    ('CONFIRMED', 'CANCELED', 'APPOINTMENT_CANCELED');
