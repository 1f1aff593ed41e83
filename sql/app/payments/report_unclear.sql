create or replace function app.report_unclear(payment app.payments)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update app.payments p set unclear_at = clock_timestamp() where p.id = payment.id and p.unclear_at is null;
    if found then
        perform app.notify_admins('PAYMENT_UNCLEAR', jsonb_build_object(
            'consultation_id', payment.consultation_id, 'payment_id', payment.id, 'amount_toman', payment.amount_toman));
    end if;
end
$$;

comment on function app.report_unclear(app.payments) is
    'Tells the admins, once a payment, that the gateway refuses to say whether it was paid (a setting or an amount).';
