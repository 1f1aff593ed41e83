create or replace function sidecar.refund_result(payment_id uuid)
returns table (
    refund_id uuid,
    amount_toman bigint,
    reason app.refund_reason,
    status app.refund_status,
    reference text,
    gateway_code integer
)
language sql
stable
security definer
set search_path = ''
as $$
    select r.id, r.amount_toman, r.reason, r.status, r.reference, r.gateway_code
    from app.refunds r where r.payment_id = refund_result.payment_id
$$;

comment on function sidecar.refund_result(uuid) is 'What an admin is told about the payment''s refund.';
grant execute on function sidecar.refund_result(uuid) to sidecar;
