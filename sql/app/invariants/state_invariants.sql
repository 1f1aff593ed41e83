create or replace function app.state_invariants()
returns table (rule text, entity text, id uuid, explanation text)
language sql
stable
set search_path = ''
as $$
    select 'G5', 'consultation', c.id, format('%s without a verified payment', c.status)
    from app.consultations c
    where c.status in ('PAID', 'SCHEDULED', 'COMPLETED')
      and not exists (select from app.payments p where p.consultation_id = c.id and p.status = 'VERIFIED')
    union all
    select 'G5', 'consultation', c.id, format('%s with an appointment that is %s', c.status, a.status)
    from app.consultations c
    left join app.appointments a on a.consultation_id = c.id and a.status in ('HELD', 'CONFIRMED')
    where (c.status = 'SLOT_HELD' and a.status is distinct from 'HELD')
       or (c.status = 'PAYMENT_INITIATED' and a.status = 'CONFIRMED')
       or (c.status = 'SCHEDULED' and a.status is distinct from 'CONFIRMED')
       or (c.status in ('DRAFT', 'DETAILS_SUBMITTED', 'PAID', 'COMPLETED', 'CANCELED', 'EXPIRED') and a.id is not null)
    union all
    select 'G6', m.entity, m.id, format('the last audited state is not %s', m.status)
    from (
        select 'consultation' as entity, c.id, c.status::text from app.consultations c
        union all
        select 'appointment', a.id, a.status::text from app.appointments a
        union all
        select 'payment', p.id, p.status::text from app.payments p
        union all
        select 'refund', r.id, r.status::text from app.refunds r
    ) m
    where m.status is distinct from (
        select l.meta ->> 'to'
        from app.audit_log l
        where l.entity_id = m.id and l.entity_type = m.entity and l.meta ? 'to'
          and l.action in (select jsonb_path_query(app.transitions(), '$.*.*.*') #>> '{}')
        order by l.created_at desc, l.id desc
        limit 1
    )
$$;

comment on function app.state_invariants() is 'G5 and G6: states that fit together, each with its audit line.';
