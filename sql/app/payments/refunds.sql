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
    constraint refunds_pkey primary key (id),
    constraint refunds_payment_id_key unique (payment_id),
    constraint refunds_payment_id_fkey
        foreign key (payment_id, payment_amount_toman) references app.payments (id, amount_toman),
    constraint refunds_amount_check check (amount_toman between 1 and payment_amount_toman),
    constraint refunds_reference_check check (status <> 'TRANSFERRED' or reference is not null)
);

create index refunds_payment_id_idx on app.refunds (payment_id, payment_amount_toman);

create trigger refunds_100_touch before update on app.refunds
    for each row execute function app.tg__touch();
create trigger refunds_500_due after insert on app.refunds
    for each row execute function app.tg_refunds__due();

alter table app.refunds enable row level security;
alter table app.refunds force row level security;
create policy refunds_all_owner on app.refunds to app_owner using (true) with check (true);
create policy refunds_select_user on app.refunds for select to app_user using (
    payment_id = any (array(select p.id from app.payments p where p.user_id = (select app.current_user_id())))
);
create policy refunds_select_admin on app.refunds for select to app_admin using (true);

grant select on app.refunds to app_user, app_admin;

comment on table app.refunds is 'Refunds: due, reversed by the gateway, or transferred by hand with a reference.';
