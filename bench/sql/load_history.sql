-- A clinic's past: so many calls that took place, four at a time, eight half-hours a day, five to an owner. Called by
-- the superuser with session_replication_role = replica: triggers and foreign keys look at nothing, which is why every
-- row is written as they would have left it (app.invariants() finds no fault). Indexes are kept up as ever.
create function bench.load_history(first integer, last integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_doctors uuid[] := array(select d.id from app.doctors d order by d.id limit 4);
begin
    create temporary table people on commit drop as
    select n, app.new_id() as id from generate_series(first / 5, last / 5 - 1) as n;
    create temporary table calls on commit drop as
    select k, p.id as user_id, app.new_id() as consultation_id, app.new_id() as id, 1 + k % 4 as lane, k / 4 as slot,
        date_trunc('day', now()) - make_interval(days => 1 + k / 32, mins => 30 * (k / 4 % 8)) as at
    from generate_series(first, last - 1) as k join pg_temp.people p on p.n = first / 5 + k % ((last - first) / 5);

    insert into app.users (id, name, mobile)
    select p.id, 'سارا احمدی', '098' || lpad(p.n::text, 8, '0') from pg_temp.people p;
    insert into app.pets (id, user_id, type, name) select p.id, p.id, 'CAT', 'پشمک' from pg_temp.people p;
    insert into app.slots (id, start_at, end_at, capacity)
    select c.id, c.at, c.at + interval '30 minutes', 4 from pg_temp.calls c where c.lane = 1;
    insert into app.consultations (id, user_id, pet_id, status, base_price_toman, message_text, created_at)
    select c.consultation_id, c.user_id, c.user_id, 'COMPLETED', 280000,
        'گربه‌ام از دیروز غذا نمی‌خورد و خیلی بی‌حال است.', c.at - interval '1 day'
    from pg_temp.calls c;
    insert into app.appointments (id, consultation_id, user_id, slot_id, slot_capacity, lane, doctor_id, assigned_at,
        start_at, end_at, status, created_at)
    select c.id, c.consultation_id, c.user_id, s.id, 4, c.lane, v_doctors[c.lane], c.at - interval '1 day',
        c.at, c.at + interval '30 minutes', 'COMPLETED', c.at - interval '1 day'
    from pg_temp.calls c join pg_temp.calls s on s.slot = c.slot and s.lane = 1;
    insert into app.payments (consultation_id, appointment_id, user_id, provider, amount_toman, authority, ref_id,
        status, expires_at, paid_at)
    select c.consultation_id, c.id, c.user_id, 'MOCK', 280000, c.id::text, c.id::text, 'VERIFIED', c.at, c.at
    from pg_temp.calls c;
    insert into app.audit_log (actor_user_id, action, entity_type, entity_id, created_at)
    select c.user_id, 'APPOINTMENT_COMPLETED', 'appointment', c.id, c.at from pg_temp.calls c;
    drop table pg_temp.people, pg_temp.calls;
end
$$;
