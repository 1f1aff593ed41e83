create or replace view api.admin_consultation_details with (security_invoker = true) as
select
    c.*,
    (
        select coalesce(jsonb_agg(jsonb_build_object(
            'id', a.id, 'start_at', a.start_at, 'end_at', a.end_at, 'status', a.status,
            'hold_expires_at', a.hold_expires_at, 'cancel_reason', a.cancel_reason, 'outcome', a.outcome,
            'doctor', case when d.id is not null
                then jsonb_build_object('id', d.id, 'display_name', d.display_name) end,
            'assigned_at', a.assigned_at, 'assignment_reason', a.assignment_reason, 'created_at', a.created_at
        ) order by a.created_at, a.id), '[]')
        from app.appointments a left join app.doctors d on d.id = a.doctor_id
        where a.consultation_id = c.id
    ) as appointments,
    (
        select coalesce(jsonb_agg(to_jsonb(p) - '{user_id,owner,refund}'::text[] order by p.created_at, p.id), '[]')
        from api.admin_payments p where p.consultation_id = c.id
    ) as payments,
    (
        select coalesce(jsonb_agg(p.refund || jsonb_build_object('payment_id', p.id) order by p.created_at, p.id), '[]')
        from api.admin_payments p where p.consultation_id = c.id and p.refund is not null
    ) as refunds,
    (
        select coalesce(jsonb_agg(jsonb_build_object(
            'id', l.id, 'action', l.action, 'entity_type', l.entity_type, 'entity_id', l.entity_id,
            'actor', case when u.id is not null
                then jsonb_build_object('id', u.id, 'name', u.name, 'role', u.role) end,
            'meta', l.meta, 'created_at', l.created_at) order by l.created_at, l.id), '[]')
        from app.audit_log l left join app.users u on u.id = l.actor_user_id
        where l.entity_id = any (array(
            select c.id
            union all select a.id from app.appointments a where a.consultation_id = c.id
            union all select p.id from app.payments p where p.consultation_id = c.id
            union all select r.id from app.refunds r join app.payments p on p.id = r.payment_id
                      where p.consultation_id = c.id
            union all select m.id from app.media m where m.consultation_id = c.id))
    ) as audit
from api.admin_consultations c;

grant select on api.admin_consultation_details to app_admin;

comment on view api.admin_consultation_details is E'Consultations whole, for admins\n\nAs admin_consultations, with all
appointments (and why each has its doctor), payments, refunds, and the audit trail of all these, the oldest first. For one
consultation at a time: filter by id.';
