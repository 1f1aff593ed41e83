-- A seat in a slot. What makes overbooking impossible (G1): an occupying appointment has a lane, no two share one, a
-- lane lies between 1 and the slot's capacity, and the capacity and the times are the slot's own by foreign key. No
-- column of that key may be null: a foreign key with one null checks nothing. Occupying is every status but CANCELED,
-- in every index and check: completing early must not free a future seat.
create table app.appointments (
    id uuid not null default app.new_id(),
    consultation_id uuid not null,
    user_id uuid not null,
    slot_id uuid not null,
    slot_capacity smallint not null,
    lane smallint not null,
    doctor_id uuid,
    assigned_at timestamptz,
    assignment_reason jsonb,
    start_at timestamptz not null,
    end_at timestamptz not null,
    timezone text not null default 'Asia/Tehran',
    status app.appointment_status not null,
    hold_expires_at timestamptz,
    cancel_reason app.cancel_reason,
    outcome app.appointment_outcome,
    version integer not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint appointments_pkey primary key (id),
    constraint appointments_id_consultation_id_key unique (id, consultation_id),
    constraint appointments_consultation_id_fkey
        foreign key (consultation_id, user_id) references app.consultations (id, user_id),
    constraint appointments_seat_fkey
        foreign key (slot_id, slot_capacity, start_at, end_at)
        references app.slots (id, capacity, start_at, end_at) on update cascade,
    constraint appointments_doctor_id_fkey foreign key (doctor_id) references app.doctors (id),
    constraint appointments_lane_check check (status = 'CANCELED' or lane between 1 and slot_capacity),
    constraint appointments_hold_expires_at_check check (status <> 'HELD' or hold_expires_at is not null),
    constraint appointments_cancel_reason_check check (status = 'CANCELED' or cancel_reason is null),
    constraint appointments_doctor_check check (doctor_id is null or status <> 'HELD')
);

-- While all rows have one status, the planner would believe that no other exists, that "not canceled" is therefore empty,
-- and that reading such an index whole is free (docs/decisions/0004-plans-of-a-young-database.md).
alter table app.appointments alter column status set (n_distinct = 4);

-- G1: one appointment a lane.
create unique index appointments_lane_key on app.appointments (slot_id, lane) where status <> 'CANCELED';
-- G2: one doctor, one place. Slots that can be occupied never overlap, so that one slot at a time is one place.
create unique index appointments_doctor_key on app.appointments (slot_id, doctor_id) where status <> 'CANCELED';
-- G3: one live appointment a consultation.
create unique index appointments_live_key on app.appointments (consultation_id) where status in ('HELD', 'CONFIRMED');

create index appointments_consultation_id_idx on app.appointments (consultation_id, user_id);
create index appointments_user_id_idx on app.appointments (user_id, start_at desc);
create index appointments_doctor_id_idx on app.appointments (doctor_id, start_at) where doctor_id is not null;
create index appointments_assigned_at_idx on app.appointments (doctor_id, assigned_at)
    where doctor_id is not null and status <> 'CANCELED';
create index appointments_seat_idx on app.appointments (slot_id, slot_capacity, start_at, end_at);
create index appointments_start_at_idx on app.appointments (start_at) where status <> 'CANCELED';
create index appointments_confirmed_idx on app.appointments (start_at) where hold_expires_at is null;
create index appointments_hold_expires_at_idx on app.appointments (hold_expires_at) where status = 'HELD';

-- Not when only the slot's capacity cascades: that changes nothing that anybody sees.
create trigger appointments_110_version before update on app.appointments
    for each row when (
        (old.slot_id, old.doctor_id, old.status, old.hold_expires_at, old.cancel_reason, old.outcome)
        is distinct from (new.slot_id, new.doctor_id, new.status, new.hold_expires_at, new.cancel_reason, new.outcome))
    execute function app.tg__version();
create trigger appointments_500_first_state after insert on app.appointments
    for each row execute function app.tg__first_state('appointment', 'consultation_id', 'start_at');
create trigger appointments_510_transition after update on app.appointments
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('appointment', 'consultation_id', 'start_at', 'cancel_reason', 'outcome');
create trigger appointments_520_assigned after insert or update of doctor_id on app.appointments
    for each row when (new.doctor_id is not null)
    execute function app.tg_appointments__assigned();
create trigger appointments_600_tell_doctor after update on app.appointments
    for each row when (
        (old.doctor_id is not null or new.doctor_id is not null)
        and (old.doctor_id, old.slot_id, old.status = 'CANCELED')
            is distinct from (new.doctor_id, new.slot_id, new.status = 'CANCELED'))
    execute function app.tg_appointments__tell_doctor();

alter table app.appointments enable row level security;
alter table app.appointments force row level security;
create policy appointments_all_owner on app.appointments to app_owner using (true) with check (true);
create policy appointments_select_user on app.appointments for select to app_user
    using (user_id = (select app.current_user_id()));
create policy appointments_select_doctor on app.appointments for select to app_doctor
    using (doctor_id = (select app.current_doctor_id()));
create policy appointments_select_admin on app.appointments for select to app_admin using (true);

-- NOTE: owners do not see lanes or why a doctor was chosen.
grant select (
    id, consultation_id, user_id, doctor_id, start_at, end_at, timezone, status, hold_expires_at, outcome, version,
    created_at, updated_at
) on app.appointments to app_user, app_doctor;
grant select on app.appointments to app_admin;

comment on table app.appointments is 'Seats in slots: held for a payment, confirmed, completed or canceled.';
comment on column app.appointments.lane is 'Which of the slot''s seats, from 1 to its capacity.';
comment on column app.appointments.hold_expires_at is 'What every test for expiry reads, and nothing else.';
comment on column app.appointments.assignment_reason is 'Why this doctor: the policy and the figures it went by.';
