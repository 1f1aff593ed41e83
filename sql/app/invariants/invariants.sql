-- The guarantees that must hold at any time, each as a query that looks for its violation. Those which constraints
-- enforce are asked as well: what is checked twice is believed.
create or replace function app.invariants()
returns table (rule text, entity text, id uuid, explanation text)
language sql
stable
set search_path = ''
as $$
    select 'G1', 'slot', s.id, format('%s occupying appointments, capacity %s', count(*), s.capacity)
    from app.slots s
    join app.appointments a on a.slot_id = s.id and a.status <> 'CANCELED'
    group by s.id
    having count(*) > s.capacity
    union all
    select 'G2', 'doctor', a.doctor_id, format('in two places: %s and %s', a.id, b.id)
    from app.appointments a
    join app.appointments b on b.doctor_id = a.doctor_id and b.id > a.id
        and b.status <> 'CANCELED' and b.start_at < a.end_at and b.end_at > a.start_at
    where a.status <> 'CANCELED'
    union all
    select 'G3', 'consultation', p.consultation_id, 'more than one open payment attempt'
    from app.payments p
    where p.status in ('INITIATED', 'PENDING')
    group by p.consultation_id
    having count(*) > 1
    union all
    select 'G3', 'consultation', a.consultation_id, 'more than one live appointment'
    from app.appointments a
    where a.status in ('HELD', 'CONFIRMED')
    group by a.consultation_id
    having count(*) > 1
    union all
    select * from app.money_invariants()
    union all
    select * from app.state_invariants()
    union all
    select * from app.file_invariants()
$$;

comment on function app.invariants() is 'One row per violation of the guarantees G1 to G6, and of those of files; empty is healthy.';
