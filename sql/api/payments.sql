create or replace view api.payments with (security_invoker = true) as
select
    p.id, p.consultation_id, p.appointment_id, p.user_id, p.provider, p.amount_toman, p.amount_rials, p.ref_id,
    p.card_pan, p.status, p.paid_at, p.created_at, p.updated_at
from app.payments p;

grant select on api.payments to app_user, app_admin;

comment on view api.payments is E'Payments\n\nOne row an attempt; amounts in toman and in rials (ten to a toman).';
