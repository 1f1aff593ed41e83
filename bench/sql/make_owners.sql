-- Owners who are signed in and have described a problem, with all triggers: what a hold begins from. Called by the
-- superuser: nobody else may make temporary tables.
create function bench.make_owners(count integer)
returns table (user_id uuid, session_id uuid, pet_id uuid, consultation_id uuid)
language plpgsql
set search_path = ''
as $$
declare
    v_first integer := (select pg_catalog.count(*) from app.users);
begin
    create temporary table owners on commit drop as
    select n, app.new_id() as user_id, app.new_id() as session_id, app.new_id() as pet_id,
        app.new_id() as consultation_id
    from generate_series(1, count) as n;
    insert into app.users (id, name, mobile)
    select o.user_id, 'سارا احمدی', '09' || lpad((v_first + o.n)::text, 9, '0') from pg_temp.owners o;
    insert into app.sessions (id, user_id, expires_at)
    select o.session_id, o.user_id, now() + interval '30 days' from pg_temp.owners o;
    insert into app.pets (id, user_id, type, name) select o.pet_id, o.user_id, 'CAT', 'پشمک' from pg_temp.owners o;
    insert into app.consultations (id, user_id, pet_id, base_price_toman, message_text)
    select o.consultation_id, o.user_id, o.pet_id, 280000, 'گربه‌ام از دیروز غذا نمی‌خورد و خیلی بی‌حال است.'
    from pg_temp.owners o;
    update app.consultations c set status = 'DETAILS_SUBMITTED'
    from pg_temp.owners o where c.id = o.consultation_id;
    return query select o.user_id, o.session_id, o.pet_id, o.consultation_id from pg_temp.owners o;
    drop table pg_temp.owners;
end
$$;
