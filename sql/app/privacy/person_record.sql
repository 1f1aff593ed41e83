-- Rows as they are, but for what is ours and not about the person: secrets of callbacks, leases, keys of objects.
create or replace function app.person_record(user_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'user', to_jsonb(u) - 'search_words',
        'sessions', (
            select jsonb_agg(jsonb_build_object('created_at', s.created_at, 'revoked_at', s.revoked_at) order by s.id)
            from app.sessions s where s.user_id = u.id),
        'pets', (select jsonb_agg(to_jsonb(p) order by p.id) from app.pets p where p.user_id = u.id),
        'consultations', (
            select jsonb_agg(to_jsonb(c) - 'version' order by c.id) from app.consultations c where c.user_id = u.id),
        'appointments', (
            select jsonb_agg(to_jsonb(a) - array['lane', 'slot_capacity', 'version', 'assignment_reason'] order by a.id)
            from app.appointments a where a.user_id = u.id),
        'media', (
            select jsonb_agg(to_jsonb(m) - 'object_key' order by m.id) from app.media m where m.owner_user_id = u.id),
        'payments', (
            select jsonb_agg(to_jsonb(p) - array['nonce', 'settle_token', 'settle_until', 'settle_attempts',
                                                 'next_inquiry_at'] order by p.id)
            from app.payments p where p.user_id = u.id),
        'refunds', (
            select jsonb_agg(to_jsonb(r) - array['settle_token', 'settle_until'] order by r.id)
            from app.refunds r join app.payments p on p.id = r.payment_id where p.user_id = u.id),
        'notifications', (
            select jsonb_agg(to_jsonb(n) - 'transaction_id' order by n.id)
            from app.notifications n where n.user_id = u.id),
        'sms_messages', (
            select jsonb_agg(to_jsonb(m) - 'claimed_by' order by m.id)
            from app.messages_of(u.id) m),
        'audit_log', (
            select jsonb_agg(to_jsonb(l) order by l.id) from app.audit_log l where l.actor_user_id = u.id))
    from app.users u
    where u.id = person_record.user_id
$$;

comment on function app.person_record(uuid) is
    'All that is stored about a person, table by table (null for no rows); null when there is no such person.';
