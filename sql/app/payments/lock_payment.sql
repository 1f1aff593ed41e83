-- Consultation before payment, as everywhere: the id is read unlocked first to keep that order.
create or replace function app.lock_payment(payment_id uuid)
returns app.payments
language plpgsql
set search_path = ''
as $$
declare
    v_payment app.payments;
begin
    perform from app.consultations c
    where c.id = (select p.consultation_id from app.payments p where p.id = payment_id)
    for no key update;
    select p.* into v_payment from app.payments p where p.id = payment_id for no key update;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such payment.');
    end if;
    return v_payment;
end
$$;

comment on function app.lock_payment(uuid) is 'Locks the payment''s consultation, then the payment. NOT_FOUND.';
