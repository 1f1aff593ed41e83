create or replace view api.admin_payments with (security_invoker = true) as
select
    p.id, p.consultation_id, p.appointment_id, p.user_id, p.provider, p.amount_toman, p.amount_rials, p.ref_id,
    p.card_pan, p.status, p.paid_at, p.created_at, p.updated_at,
    (
        select jsonb_build_object('id', u.id, 'name', u.name, 'mobile', u.mobile)
        from app.users u where u.id = p.user_id
    ) as owner,
    (
        select jsonb_build_object(
            'id', r.id, 'amount_toman', r.amount_toman, 'reason', r.reason, 'status', r.status,
            'reference', r.reference, 'gateway_code', r.gateway_code, 'created_at', r.created_at)
        from app.refunds r where r.payment_id = p.id
    ) as refund
from app.payments p;

grant select on api.admin_payments to app_admin;

comment on view api.admin_payments is E'Payments, for admins\n\nOne row an attempt, with its owner, and its refund or null.
Filtered by rpc/search_payments.';
