-- The owner may be paying at this moment: the attempt is closed for us and stays under reconciliation.
create or replace function app.cancel_open_payment(consultation_id uuid)
returns void
language sql
set search_path = ''
as $$
    update app.payments p
    set status = 'CANCELED',
        next_inquiry_at = case when p.authority is not null then clock_timestamp() + interval '1 minute' end
    where p.consultation_id = cancel_open_payment.consultation_id and p.status in ('INITIATED', 'PENDING')
$$;

comment on function app.cancel_open_payment(uuid) is 'Closes the locked consultation''s open attempt as CANCELED.';
