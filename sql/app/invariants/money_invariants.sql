create or replace function app.money_invariants()
returns table (rule text, entity text, id uuid, explanation text)
language sql
stable
set search_path = ''
as $$
    with settled as (
        select p.id, p.consultation_id, p.appointment_id, c.status,
            exists (select from app.refunds r where r.payment_id = p.id) as is_refunded,
            exists (
                select from app.appointments a
                where a.consultation_id = p.consultation_id and a.status in ('CONFIRMED', 'COMPLETED')
            ) as is_seated
        from app.payments p
        join app.consultations c on c.id = p.consultation_id
        where p.status = 'VERIFIED'
    )
    select 'G4', 'payment', s.id, 'verified, and neither seated, waiting for a slot, nor refunded'
    from settled s
    where not (s.is_refunded or s.is_seated or s.status = 'PAID')
    union all
    select 'G4', 'consultation', s.consultation_id, 'more than one payment is kept for it'
    from settled s
    where not s.is_refunded
    group by s.consultation_id
    having count(*) > 1
$$;

comment on function app.money_invariants() is 'G4: money is never lost, and never kept twice.';
