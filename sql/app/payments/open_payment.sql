-- An attempt that has been waiting for its authority for more than a minute was left by a crash between the two
-- transactions: nobody was sent to the gateway with it.
create or replace function app.open_payment(consultation_id uuid)
returns app.payments
language plpgsql
set search_path = ''
as $$
declare
    v_payment app.payments;
begin
    select p.* into v_payment from app.payments p
    where p.consultation_id = open_payment.consultation_id and p.status in ('INITIATED', 'PENDING');
    if v_payment.status = 'INITIATED' and v_payment.authority is null
        and v_payment.created_at < clock_timestamp() - interval '1 minute'
    then
        update app.payments p set status = 'FAILED' where p.id = v_payment.id;
        v_payment := null;
    end if;
    return v_payment;
end
$$;

comment on function app.open_payment(uuid) is 'The locked consultation''s open attempt, or null; closes one left by a crash.';
