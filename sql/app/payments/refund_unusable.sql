create or replace function app.refund_unusable(payment app.payments, consultation app.consultations)
returns void
language sql
set search_path = ''
as $$
    insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
    values (
        payment.id, payment.amount_toman, payment.amount_toman,
        case
            when consultation.status in ('PAID', 'SCHEDULED', 'COMPLETED') and consultation.deleted_at is null
            then 'SURPLUS' else 'CONSULTATION_CLOSED'
        end::app.refund_reason
    )
    on conflict on constraint refunds_payment_id_key do nothing
$$;

comment on function app.refund_unusable(app.payments, app.consultations) is
    'Makes a refund due for money that the consultation can no longer use.';
