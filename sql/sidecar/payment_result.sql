create or replace function sidecar.payment_result(payment_id uuid)
returns table (consultation_id uuid, status app.payment_status, ref_id text)
language sql
stable
security definer
set search_path = ''
as $$
    select p.consultation_id, p.status, p.ref_id from app.payments p where p.id = payment_result.payment_id
$$;

comment on function sidecar.payment_result(uuid) is 'What a callback may say about the payment.';
grant execute on function sidecar.payment_result(uuid) to sidecar;
