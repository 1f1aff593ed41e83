-- The books of the mock gateway, a stand-in for Zarinpal's in development and tests. In the database, so that
-- replicas of the sidecar and restarts agree about them. Empty where the mock is off.
create table app.mock_bank_sessions (
    authority text not null,
    payment_id uuid not null,
    amount_toman bigint not null,
    callback_url text not null,
    status text not null default 'IN_BANK',
    ref_id bigint generated always as identity (start with 10000000001),
    created_at timestamptz not null default clock_timestamp(),
    constraint mock_bank_sessions_pkey primary key (authority),
    constraint mock_bank_sessions_payment_id_key unique (payment_id),
    constraint mock_bank_sessions_payment_id_fkey foreign key (payment_id) references app.payments (id),
    constraint mock_bank_sessions_status_check
        check (status in ('IN_BANK', 'PAID', 'VERIFIED', 'FAILED', 'REVERSED'))
);

alter table app.mock_bank_sessions enable row level security;
alter table app.mock_bank_sessions force row level security;
create policy mock_bank_sessions_all_owner on app.mock_bank_sessions to app_owner using (true) with check (true);

comment on table app.mock_bank_sessions is 'The mock gateway''s side of a payment.';
