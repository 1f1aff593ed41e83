-- Every change of a refund's status that is allowed, and what the audit log calls it. Rows without a first state are
-- the states in which a refund may begin.
create table app.refund_transitions (
    from_status app.refund_status,
    to_status app.refund_status not null,
    action text not null,
    constraint refund_transitions_key unique nulls not distinct (from_status, to_status)
);

alter table app.refund_transitions enable row level security;
alter table app.refund_transitions force row level security;
create policy refund_transitions_all_owner on app.refund_transitions to app_owner using (true) with check (true);

comment on table app.refund_transitions is 'The allowed changes of a refund''s status, enforced by app.tg__transition.';

insert into app.refund_transitions (from_status, to_status, action) values
    (null, 'DUE', 'REFUND_DUE'),
    ('DUE', 'REVERSED', 'REFUND_REVERSED'),
    ('DUE', 'TRANSFERRED', 'REFUND_TRANSFERRED');
