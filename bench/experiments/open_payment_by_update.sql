-- An open payment is looked for first, and one left by a crash closed only when it is met
-- Nearly no consultation has one: one statement instead of two.
create or replace function app.open_payment(consultation_id uuid)
returns app.payments
language plpgsql
set search_path = ''
as $$
declare
    v_payment app.payments;
begin
    update app.payments p set status = 'FAILED'
    where p.consultation_id = open_payment.consultation_id
      and p.status = 'INITIATED' and p.authority is null
      and p.created_at < clock_timestamp() - interval '1 minute';
    select p.* into v_payment from app.payments p
    where p.consultation_id = open_payment.consultation_id and p.status in ('INITIATED', 'PENDING');
    return v_payment;
end
$$;
