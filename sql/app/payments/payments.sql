-- One row per attempt to pay. Closed is never closed for good, except VERIFIED: late truth wins. Nothing that has
-- touched a gateway is ever deleted.
create table app.payments (
    id uuid not null default app.new_id(),
    consultation_id uuid not null,
    appointment_id uuid not null,
    user_id uuid not null,
    nonce text not null default encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'hex'),
    provider app.payment_provider not null,
    amount_toman bigint not null,
    amount_rials bigint not null generated always as (amount_toman * 10) stored,
    authority text,
    ref_id text,
    card_pan text,
    status app.payment_status not null default 'INITIATED',
    expires_at timestamptz not null,
    paid_at timestamptz,
    settle_token uuid,
    settle_until timestamptz,
    settle_attempts integer not null default 0,
    next_inquiry_at timestamptz,
    raw_request jsonb,
    raw_response jsonb,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    seat_kept_at timestamptz,
    unclear_at timestamptz,
    constraint payments_pkey primary key (id),
    constraint payments_id_amount_toman_key unique (id, amount_toman),
    constraint payments_nonce_key unique (nonce),
    constraint payments_authority_key unique (provider, authority),
    constraint payments_consultation_id_fkey
        foreign key (consultation_id, user_id) references app.consultations (id, user_id),
    constraint payments_appointment_id_fkey
        foreign key (appointment_id, consultation_id) references app.appointments (id, consultation_id),
    constraint payments_amount_check check (amount_toman > 0),
    constraint payments_authority_check check (authority is not null or status not in ('PENDING', 'VERIFIED')),
    constraint payments_verified_check check (status <> 'VERIFIED' or (ref_id is not null and paid_at is not null))
);

-- Under row-level security the planner does not look which values are frequent. Told that each is rare, it gathers
-- the rows of one by its index (app.few stops at 5001).
alter table app.payments alter column status set (n_distinct = 1000);

-- G3: one open attempt a consultation.
create unique index payments_open_key on app.payments (consultation_id) where status in ('INITIATED', 'PENDING');

create index payments_created_at_idx on app.payments (created_at desc, id desc);
create index payments_status_idx on app.payments (status);
create index payments_consultation_id_idx on app.payments (consultation_id, user_id);
create index payments_appointment_id_idx on app.payments (appointment_id, consultation_id);
create index payments_user_id_idx on app.payments (user_id, id);
create index payments_next_inquiry_at_idx on app.payments (next_inquiry_at) where next_inquiry_at is not null;

create trigger payments_100_touch before update on app.payments
    for each row execute function app.tg__touch();
create trigger payments_200_keep before delete on app.payments
    for each row when (old.authority is not null) execute function app.tg__keep();
create trigger payments_210_keep_all before truncate on app.payments
    for each statement execute function app.tg__keep();
create trigger payments_500_first_state after insert on app.payments
    for each row execute function app.tg__first_state('payment', 'consultation_id', 'appointment_id', 'amount_toman');
create trigger payments_510_transition after update on app.payments
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('payment', 'consultation_id', 'amount_toman', 'ref_id');

alter table app.payments enable row level security;
alter table app.payments force row level security;
create policy payments_all_owner on app.payments to app_owner using (true) with check (true);
create policy payments_select_user on app.payments for select to app_user
    using (user_id = (select app.current_user_id()));
create policy payments_select_admin on app.payments for select to app_admin using (true);

-- NOTE: the nonce is not granted to anybody (it makes a callback genuine), nor what the gateway said verbatim.
grant select (
    id, consultation_id, appointment_id, user_id, provider, amount_toman, amount_rials, ref_id, card_pan, status,
    paid_at, created_at, updated_at
) on app.payments to app_user, app_doctor, app_admin;
-- NOTE: there is no policy for doctors: the view of consultations reads this table, and shows them no payment.

comment on table app.payments is 'Attempts to pay for a consultation.';
comment on column app.payments.appointment_id is 'The seat paid for.';
comment on column app.payments.nonce is 'Part of the callback URL: without it a callback closes nothing.';
comment on column app.payments.expires_at is 'Until then the owner may still be typing: the sweep only inquires.';
comment on column app.payments.settle_token is 'Who is asking the gateway right now, until settle_until (a lease).';
comment on column app.payments.seat_kept_at is 'When a callback kept or took back the seat while the gateway was asked: once.';
comment on column app.payments.unclear_at is 'When admins were told that the gateway refuses to say whether it was paid.';
comment on column app.payments.next_inquiry_at is 'When reconciliation asks again; null when there is nothing to ask.';
