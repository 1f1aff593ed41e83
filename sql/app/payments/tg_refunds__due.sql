create or replace function app.tg_refunds__due()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.notify_admins('REFUND_DUE', jsonb_build_object(
        'refund_id', new.id, 'payment_id', new.payment_id, 'amount_toman', new.amount_toman, 'reason', new.reason));
    return null;
end
$$;

comment on function app.tg_refunds__due() is 'Tells the admins that a refund became due.';
