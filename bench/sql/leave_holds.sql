-- So many holds that ran out a minute ago, each of another owner, four to a slot, in the years from 1990 on. Called as
-- bench.load_history is.
create function bench.leave_holds(count integer)
returns void
language plpgsql
set search_path = ''
as $$
begin
    create temporary table left_holds on commit drop as
    select n, app.new_id() as user_id, app.new_id() as consultation_id, app.new_id() as id, n / 4 as slot,
        1 + n % 4 as lane, timestamptz '1990-01-01 00:00+00' + make_interval(mins => 30 * (n / 4)) as at
    from generate_series(0, count - 1) as n;
    insert into app.users (id, name, mobile)
    select h.user_id, 'سارا احمدی', '099' || lpad(h.n::text, 8, '0') from pg_temp.left_holds h;
    insert into app.pets (id, user_id, type, name) select h.user_id, h.user_id, 'CAT', 'پشمک' from pg_temp.left_holds h;
    insert into app.slots (id, start_at, end_at, capacity)
    select h.id, h.at, h.at + interval '30 minutes', 4 from pg_temp.left_holds h where h.lane = 1;
    insert into app.consultations (id, user_id, pet_id, status, base_price_toman, message_text)
    select h.consultation_id, h.user_id, h.user_id, 'SLOT_HELD', 280000,
        'گربه‌ام از دیروز غذا نمی‌خورد و خیلی بی‌حال است.'
    from pg_temp.left_holds h;
    insert into app.appointments (consultation_id, user_id, slot_id, slot_capacity, lane, start_at, end_at, status,
        hold_expires_at)
    select h.consultation_id, h.user_id, s.id, 4, h.lane, h.at, h.at + interval '30 minutes', 'HELD',
        now() - interval '1 minute'
    from pg_temp.left_holds h join pg_temp.left_holds s on s.slot = h.slot and s.lane = 1;
    drop table pg_temp.left_holds;
end
$$;
