create or replace function app.tg_refunds__due()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_meta jsonb := jsonb_build_object(
        'payment_id', new.payment_id, 'amount_toman', new.amount_toman, 'reason', new.reason);
begin
    perform app.audit('REFUND_DUE', 'refund', new.id, v_meta);
    perform app.notify_admins('REFUND_DUE', v_meta || jsonb_build_object('refund_id', new.id));
    return null;
end
$$;

comment on function app.tg_refunds__due() is 'Logs a refund that became due, and tells the admins.';
