-- The writes of a hold and nothing else: two locks, the seat, the consultation. No rule is asked, and with the triggers
-- off (bench/scenarios/bare_hold.py) no change is checked, counted or logged. What is left are indexes and keys.
create function api.bench_bare_hold(consultation_id uuid, start_at timestamptz)
returns api.appointments
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations;
    v_slot app.slots;
    v_result api.appointments;
begin
    select c.* into v_consultation
    from app.consultations c
    where c.id = bench_bare_hold.consultation_id and c.user_id = app.current_user_id()
    for no key update;
    select s.* into v_slot from app.slots s where s.start_at = bench_bare_hold.start_at for no key update;
    if not found then
        insert into app.slots (start_at, end_at, capacity)
        values (bench_bare_hold.start_at, bench_bare_hold.start_at + interval '30 minutes', 4)
        on conflict do nothing;
        select s.* into v_slot from app.slots s where s.start_at = bench_bare_hold.start_at for no key update;
    end if;
    insert into app.appointments as a (
        consultation_id, user_id, slot_id, slot_capacity, lane, start_at, end_at, status, hold_expires_at)
    values (
        v_consultation.id, v_consultation.user_id, v_slot.id, v_slot.capacity,
        1 + (select count(*) from app.appointments o where o.slot_id = v_slot.id and o.status <> 'CANCELED'),
        v_slot.start_at, v_slot.end_at, 'HELD', clock_timestamp() + interval '15 minutes')
    returning a.id, a.consultation_id, a.user_id, a.doctor_id, a.start_at, a.end_at, a.timezone, a.status,
        a.hold_expires_at, a.outcome, a.version, a.created_at, a.updated_at into v_result;
    update app.consultations c set status = 'SLOT_HELD', expires_at = null where c.id = v_consultation.id;
    return v_result;
end
$$;

grant execute on function api.bench_bare_hold(uuid, timestamptz) to app_user;

notify pgrst, 'reload schema';
