-- A hold asks for the settings with the holds, and for a free lane without a query of its own
-- Otherwise: the settings by themselves, lanes by a query over generate_series(), and one to learn that nothing expires.
create or replace function app.require_hold_allowance(user_id uuid, consultation_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_config app.system_config;
    v_now timestamptz;
    v_live integer;
    v_expired timestamptz[];
begin
    select c.* into v_config from app.system_config c;
    perform from app.users u where u.id = require_hold_allowance.user_id for no key update;
    v_now := clock_timestamp();
    select count(*) filter (where a.status = 'HELD' and a.hold_expires_at > v_now),
           array_agg(a.hold_expires_at order by a.hold_expires_at desc) filter (where a.hold_expires_at <= v_now)
    into v_live, v_expired
    from app.appointments a
    where a.user_id = require_hold_allowance.user_id
      and a.hold_expires_at > v_now - make_interval(mins => v_config.cooldown_minutes)
      and ((a.status = 'HELD' and a.consultation_id <> require_hold_allowance.consultation_id)
           or a.cancel_reason = 'EXPIRED' and not exists (  -- and not paid after all
               select from app.payments p where p.consultation_id = a.consultation_id and p.status = 'VERIFIED' offset 0));
    if v_live >= v_config.max_live_holds then
        perform app.fail('TOO_MANY_HOLDS', 'You hold as many slots as you may.',
                         jsonb_build_object('limit', v_config.max_live_holds));
    elsif cardinality(v_expired) >= v_config.cooldown_after_expired_holds then
        perform app.fail('TOO_MANY_HOLDS', 'Too many holds ran out without a payment. Try again later.',
            jsonb_build_object('retry_after', ceil(extract(epoch from
                v_expired[v_config.cooldown_after_expired_holds]
                + make_interval(mins => v_config.cooldown_minutes) - v_now))));
    end if;
end
$$;

create or replace function app.free_lane(slot app.slots)
returns smallint
language plpgsql
set search_path = ''
as $$
declare
    v_doctors integer;
    v_taken integer;
    v_lapsed uuid[];
    v_lane smallint;
begin
    loop
        select d.doctors, o.taken, o.lapsed, (
            select min(l.lane) from generate_series(1, greatest(d.doctors, slot.capacity)) as l (lane)
            where l.lane <> all (o.lanes))
        into v_doctors, v_taken, v_lapsed, v_lane
        from (
            select count(*) as doctors from app.available_doctors(slot.start_at, slot.end_at)
        ) d, (
            select count(*) as taken, coalesce(array_agg(a.lane), '{}') as lanes,
                array_agg(a.id) filter (where a.status = 'HELD' and a.hold_expires_at <= clock_timestamp()) as lapsed
            from app.appointments a
            where a.slot_id = slot.id and a.status <> 'CANCELED'
        ) o;
        exit when v_lapsed is null or app.release_lapsed_holds(v_lapsed) = 0;
    end loop;
    if v_taken >= v_doctors then
        return null;
    end if;
    if v_doctors > slot.capacity then
        update app.slots s set capacity = v_doctors where s.id = slot.id;
    end if;
    return v_lane;
end
$$;

create or replace function app.tg_consultations__expiry()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if tg_op = 'UPDATE' and new.status = old.status then
        return new;
    end if;
    new.expires_at := case when new.status in ('DRAFT', 'DETAILS_SUBMITTED') then (
        select clock_timestamp() + make_interval(hours => c.consultation_ttl_hours) from app.system_config c
    ) end;
    return new;
end
$$;
