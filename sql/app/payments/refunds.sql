-- Money that must go back. At most one row a payment, and never more than was paid: both by constraint, the payment's
-- amount by foreign key.
create table app.refunds (
    id uuid not null default app.new_id(),
    payment_id uuid not null,
    payment_amount_toman bigint not null,
    amount_toman bigint not null,
    reason app.refund_reason not null,
    status app.refund_status not null default 'DUE',
    reference text,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    settle_token uuid,
    settle_until timestamptz,
    asked_at timestamptz,
    gateway_code integer,
    constraint refunds_pkey primary key (id),
    constraint refunds_payment_id_key unique (payment_id),
    constraint refunds_payment_id_fkey
        foreign key (payment_id, payment_amount_toman) references app.payments (id, amount_toman),
    constraint refunds_amount_check check (amount_toman between 1 and payment_amount_toman),
    constraint refunds_reference_check check (status <> 'TRANSFERRED' or reference is not null)
);

create index refunds_payment_id_idx on app.refunds (payment_id, payment_amount_toman);
create index refunds_due_idx on app.refunds (created_at) where status = 'DUE';

create trigger refunds_100_touch before update on app.refunds
    for each row execute function app.tg__touch();
create trigger refunds_200_keep before delete or truncate on app.refunds
    for each statement execute function app.tg__keep();
create trigger refunds_500_first_state after insert on app.refunds
    for each row execute function app.tg__first_state('refund', 'payment_id', 'amount_toman', 'reason');
create trigger refunds_510_transition after update on app.refunds
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('refund', 'payment_id', 'amount_toman', 'reason', 'gateway_code');
create trigger refunds_520_due after insert on app.refunds
    for each row execute function app.tg_refunds__due();

alter table app.refunds enable row level security;
alter table app.refunds force row level security;
create policy refunds_all_owner on app.refunds to app_owner using (true) with check (true);
create policy refunds_select_user on app.refunds for select to app_user using (
    payment_id = any (array(select p.id from app.payments p where p.user_id = (select app.current_user_id())))
);
create policy refunds_select_admin on app.refunds for select to app_admin using (true);

grant select (
    id, payment_id, payment_amount_toman, amount_toman, reason, status, reference, created_at, updated_at
) on app.refunds to app_user;
grant select on app.refunds to app_admin;

comment on table app.refunds is 'Refunds: due, reversed by the gateway, or transferred by hand with a reference.';
comment on column app.refunds.settle_token is 'Who is asking the gateway right now, until settle_until (a lease).';
comment on column app.refunds.asked_at is 'When the gateway was asked to reverse; with no gateway_code its answer is not known.';
comment on column app.refunds.gateway_code is 'Why the gateway did not reverse it: the money must be transferred by hand.';
