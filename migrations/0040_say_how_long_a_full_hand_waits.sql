-- say how long a full hand waits
-- depends: 0039_find_messages_by_what_they_are_about

-- from sql/app/appointments/require_hold_allowance.sql
-- Locks the person, so that two holds at once by one user count each other. The cool-down is read off the holds that
-- ran out, swept or not: there is no counter to lose. OFFSET 0 keeps the planner from reading all payments into a hash,
-- which is the cheaper way while there are none.
create or replace function app.require_hold_allowance(user_id uuid, consultation_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_now timestamptz;
    v_limit integer;
    v_live integer;
    v_live_until timestamptz;
    v_expired timestamptz[];
    v_expired_limit integer;
    v_cooldown interval;
begin
    perform from app.users u where u.id = require_hold_allowance.user_id for no key update;
    v_now := clock_timestamp();
    select c.max_live_holds, h.live, h.live_until, h.expired, c.cooldown_after_expired_holds, c.cooldown
    into v_limit, v_live, v_live_until, v_expired, v_expired_limit, v_cooldown
    from (select s.*, make_interval(mins => s.cooldown_minutes) as cooldown from app.system_config s) c
    cross join lateral (
        select count(*) filter (where a.status = 'HELD' and a.hold_expires_at > v_now) as live,
            min(a.hold_expires_at) filter (where a.status = 'HELD' and a.hold_expires_at > v_now) as live_until,
            array_agg(a.hold_expires_at order by a.hold_expires_at desc) filter (where a.hold_expires_at <= v_now) as expired
        from app.appointments a
        where a.user_id = require_hold_allowance.user_id
          and a.hold_expires_at > v_now - c.cooldown
          and ((a.status = 'HELD' and a.consultation_id <> require_hold_allowance.consultation_id)
               or a.cancel_reason = 'EXPIRED' and not exists (  -- and not paid after all
                   select from app.payments p
                   where p.consultation_id = a.consultation_id and p.status = 'VERIFIED' offset 0))
    ) h;
    if v_live >= v_limit then
        perform app.fail('TOO_MANY_HOLDS', 'You hold as many slots as you may.', jsonb_build_object(
            'limit', v_limit, 'retry_after', ceil(extract(epoch from v_live_until - v_now))));
    elsif cardinality(v_expired) >= v_expired_limit then
        perform app.fail('TOO_MANY_HOLDS', 'Too many holds ran out without a payment. Try again later.',
            jsonb_build_object('retry_after',
                ceil(extract(epoch from v_expired[v_expired_limit] + v_cooldown - v_now))));
    end if;
end
$$;

comment on function app.require_hold_allowance(uuid, uuid) is
    'TOO_MANY_HOLDS, and when to try again, if the person holds enough elsewhere or let too many holds run out lately.';
-- end of sql/app/appointments/require_hold_allowance.sql

-- from sql/app/appointments/give_to_doctor.sql
create or replace function app.give_to_doctor(seat app.appointments, doctor_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_slot app.slots;
begin
    perform app.require_doctor(doctor_id);
    if seat.status is distinct from 'CONFIRMED' then
        perform app.fail('INVALID_STATE', 'Only a confirmed appointment has a doctor.',
                         case when seat.id is not null then jsonb_build_object('status', seat.status) end);
    elsif seat.doctor_id = give_to_doctor.doctor_id then
        return;
    end if;
    v_slot := app.find_slot(seat.start_at, seat.end_at);  -- slots come before doctors in the lock order
    perform app.lock_doctors();
    if not app.is_doctor_free(doctor_id, v_slot) then
        perform app.fail('CONFLICT', 'The doctor has another call then, or is away.',
                         '{"fields": {"doctor_id": "is not free then"}}');
    end if;
    perform app.set_doctor(seat.id, doctor_id, '{"policy": "ADMIN"}');
end
$$;

comment on function app.give_to_doctor(app.appointments, uuid) is
    'Gives a confirmed appointment to the doctor whom an admin names. NOT_FOUND, INVALID_STATE, CONFLICT.';
-- end of sql/app/appointments/give_to_doctor.sql
