-- Who goes to the bank and walks away has let a hold run out like anybody else: it counts for the cool-down.
create or replace function app.close_unpaid(payment app.payments, is_genuine boolean)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update app.payments p
    set status = case when is_genuine then 'FAILED' else 'EXPIRED' end::app.payment_status
    where p.id = payment.id;
    perform app.cancel_hold(
        payment.consultation_id, case when is_genuine then 'PAYMENT_FAILED' else 'EXPIRED' end::app.cancel_reason);
    update app.consultations c set status = 'DETAILS_SUBMITTED'
    where c.id = payment.consultation_id and c.status in ('SLOT_HELD', 'PAYMENT_INITIATED');
end
$$;

comment on function app.close_unpaid(app.payments, boolean) is
    'Nobody paid: FAILED after a genuine callback, else EXPIRED; the seat is free and the owner may choose again.';
