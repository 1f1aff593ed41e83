-- log changes of status once a statement
-- depends: 0016_doctors_hear_of_their_calls

-- from sql/app/time/to_jalali.sql
-- The Persian calendar by the 33-year cycle of 8 leap years, which agrees with the astronomical one from 1178 to 1633.
-- Day 0 of the reckoning is the first day of the year -1595, 1,075,195 days before 1970-01-02; 12,053 days are a
-- cycle of 33 years, 1,461 days four years. Arithmetic in PL/pgSQL: a query would take five times as long to begin.
create or replace function app.to_jalali(day date)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
declare
    v_days integer := (day - date '1970-01-01') + 1075195;
    v_year integer := -1595 + 33 * (v_days / 12053) + 4 * (v_days % 12053 / 1461);
    v_month integer;
begin
    v_days := v_days % 12053 % 1461;
    if v_days > 365 then
        v_year := v_year + (v_days - 1) / 365;
        v_days := (v_days - 1) % 365;
    end if;
    if v_days < 186 then
        v_month := v_days / 31;
        v_days := v_days % 31;
    else
        v_month := 6 + (v_days - 186) / 30;
        v_days := (v_days - 186) % 30;
    end if;
    return v_year || '-' || lpad((v_month + 1)::text, 2, '0') || '-' || lpad((v_days + 1)::text, 2, '0');
end
$$;

comment on function app.to_jalali(date) is 'The Jalali date of a Gregorian one, as YYYY-MM-DD in Latin digits.';
-- end of sql/app/time/to_jalali.sql

-- from sql/app/audit/audit_context.sql
-- No SET clause, so that it is inlined.
create or replace function app.audit_context()
returns jsonb
language sql
stable
as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'request_id', app.request_header('x-request-id'), 'ip', app.request_header('x-real-ip')))
$$;

comment on function app.audit_context() is 'What every line of the audit log says of the request it was written in.';
-- end of sql/app/audit/audit_context.sql

-- from sql/app/audit/audit.sql
create or replace function app.audit(
    action text,
    entity_type text,
    entity_id uuid,
    meta jsonb default '{}',
    actor_user_id uuid default app.current_user_id()
)
returns void
language sql
set search_path = ''
as $$
    insert into app.audit_log (actor_user_id, action, entity_type, entity_id, meta)
    values (
        audit.actor_user_id, audit.action, audit.entity_type, audit.entity_id, audit.meta || app.audit_context())
$$;

comment on function app.audit(text, text, uuid, jsonb, uuid) is
    'Writes one line of the audit log; the actor is the signed-in person unless the caller knows better.';
-- end of sql/app/audit/audit.sql

-- from sql/app/audit/refuse_transition.sql
create or replace function app.refuse_transition(entity text, from_status text, to_status text)
returns text
language plpgsql
set search_path = ''
as $$
begin
    perform app.fail('INVALID_STATE',
        format('A %s in state %s cannot become %s.', entity, coalesce(from_status, '(new)'), to_status),
        jsonb_build_object('entity', entity, 'from', from_status, 'to', to_status));
end
$$;

comment on function app.refuse_transition(text, text, text) is
    'INVALID_STATE; stands where the name of an allowed change would.';
-- end of sql/app/audit/refuse_transition.sql

-- from sql/app/audit/tg__transition.sql
-- The one guard of every status, whoever changes it, raw SQL included; and, because an allowed change has a name, the
-- one place that writes its audit line (G5 and G6 stand or fall together). After the statement, not before: an insert that
-- ends in ON CONFLICT DO NOTHING must not be logged. Once a statement, not once a row: the sweeper changes a thousand.
-- Old and new rows are matched by id: a row whose id changes has no old state, and none may begin by an update. Without
-- nested loops, because the plan that the first statement of one row made is kept, and must serve a thousand.
-- Arguments: the entity's name, then the columns that belong into meta.
create or replace function app.tg__transition()
returns trigger
language plpgsql
security definer
set search_path = ''
set enable_nestloop = off
as $$
declare
    v_entity text := tg_argv[0];
    v_actor uuid := app.current_user_id();
    v_request jsonb := app.audit_context();
begin
    if tg_op = 'INSERT' then
        insert into app.audit_log (actor_user_id, action, entity_type, entity_id, meta)
        select v_actor, coalesce(t.action, app.refuse_transition(v_entity, null, n.status::text)), v_entity, n.id,
            v_request || jsonb_strip_nulls(jsonb_build_object('to', n.status) || app.pick(to_jsonb(n), tg_argv[1:]))
        from new_rows n
        left join app.transitions t
            on t.machine = tg_table_name and t.from_status is null and t.to_status = n.status::text;
    else
        insert into app.audit_log (actor_user_id, action, entity_type, entity_id, meta)
        select v_actor, coalesce(t.action, app.refuse_transition(v_entity, o.status::text, n.status::text)), v_entity,
            n.id, v_request || jsonb_strip_nulls(jsonb_build_object('from', o.status, 'to', n.status)
                || case when tg_nargs > 1 then app.pick(to_jsonb(n), tg_argv[1:]) else '{}' end)
        from new_rows n
        left join old_rows o on o.id = n.id
        left join app.transitions t
            on t.machine = tg_table_name and t.from_status = o.status::text and t.to_status = n.status::text
        where n.status is distinct from o.status;
    end if;
    return null;
end
$$;

comment on function app.tg__transition() is
    'Refuses a change of status that is not in the transition tables, and logs one that is.';
-- end of sql/app/audit/tg__transition.sql

-- from sql/app/identity/database_role.sql
-- No SET clause, so that it is inlined: it is asked before every request.
create or replace function app.database_role(role app.user_role)
returns text
language sql
immutable
parallel safe
as $$
    select case role when 'USER' then 'app_user' when 'DOCTOR' then 'app_doctor' when 'ADMIN' then 'app_admin' end
$$;

comment on function app.database_role(app.user_role) is 'The PostgreSQL role that a person of this role works as.';
-- end of sql/app/identity/database_role.sql

-- from sql/app/consultations/tg_consultations__expiry.sql
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
    new.expires_at := null;
    if new.status in ('DRAFT', 'DETAILS_SUBMITTED') then
        select clock_timestamp() + make_interval(hours => c.consultation_ttl_hours) into new.expires_at
        from app.system_config c;
    end if;
    return new;
end
$$;

comment on function app.tg_consultations__expiry() is
    'Starts the clock on the entry into DRAFT or DETAILS_SUBMITTED and stops it on leaving them.';
-- end of sql/app/consultations/tg_consultations__expiry.sql

-- alter for sql/app/consultations/consultations.sql 50bc23bf1cfe
create or replace trigger consultations_500_first_state after insert on app.consultations
    referencing new table as new_rows for each statement
    execute function app.tg__transition('consultation', 'base_price_toman');
create or replace trigger consultations_510_transition after update on app.consultations
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('consultation');

-- alter for sql/app/appointments/appointments.sql b470bf9f2164
create or replace trigger appointments_500_first_state after insert on app.appointments
    referencing new table as new_rows for each statement
    execute function app.tg__transition('appointment', 'consultation_id', 'start_at');
create or replace trigger appointments_510_transition after update on app.appointments
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('appointment', 'consultation_id', 'start_at', 'cancel_reason', 'outcome');

-- alter for sql/app/payments/payments.sql bad305eae686
create or replace trigger payments_500_first_state after insert on app.payments
    referencing new table as new_rows for each statement
    execute function app.tg__transition('payment', 'consultation_id', 'appointment_id', 'amount_toman');
create or replace trigger payments_510_transition after update on app.payments
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('payment', 'consultation_id', 'amount_toman', 'ref_id');

-- alter for sql/app/payments/refunds.sql 8dd6eec852cb
create or replace trigger refunds_500_first_state after insert on app.refunds
    referencing new table as new_rows for each statement
    execute function app.tg__transition('refund', 'payment_id', 'amount_toman', 'reason');
create or replace trigger refunds_510_transition after update on app.refunds
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('refund', 'payment_id', 'amount_toman', 'reason', 'gateway_code');

-- from sql/app/search/found_consultations.sql
-- The one meaning of the filters, for the list and the export. What is null is gone when the query is planned, if the
-- filter is known by then. OFFSET 0: each row that is looked at asks by a primary key. As text: no index seems to serve where the rows
-- of the status are too many to be gathered.
-- No SET clause, so that it is inlined.
create or replace function app.found_consultations(filter app.consultation_filter)
returns setof app.consultations
language sql
stable
parallel safe
as $$
    select c.*
    from app.consultations c
    where c.deleted_at is null
      and ((filter).of_status is null or c.id = any ((filter).of_status))
      and ((filter).status is null or c.status::text = (filter).status::text)
      and ((filter).since is null or c.created_at >= (filter).since)
      and ((filter).until is null or c.created_at < (filter).until)
      and (((filter).who).people is null or c.user_id = any (((filter).who).people))
      and (((filter).who).mobile is null and ((filter).who).words is null or exists (
          select from app.users u
          where u.id = c.user_id
            and (((filter).who).mobile is null or u.mobile like ((filter).who).mobile || '%')
            and (((filter).who).words is null or u.search_words @@ ((filter).who).words)
          offset 0))
      and ((filter).pets is null or c.pet_id = any ((filter).pets))
      and ((filter).pet_type is null or exists (
          select from app.pets p where p.id = c.pet_id and p.type = (filter).pet_type offset 0))
      and ((filter).of_doctor is null or c.id = any ((filter).of_doctor))
      and ((filter).doctor_id is null or exists (
          select from app.appointments a
          where a.consultation_id = c.id and a.doctor_id = (filter).doctor_id and a.status <> 'CANCELED'
          offset 0))
$$;

comment on function app.found_consultations(app.consultation_filter) is 'The consultations that meet all filters.';
grant execute on function app.found_consultations(app.consultation_filter) to app_admin;
-- end of sql/app/search/found_consultations.sql

-- from sql/app/search/found_payments.sql
-- As app.found_consultations. Only what is granted to admins can be read here, which is not the whole row.
-- No SET clause, so that it is inlined.
create or replace function app.found_payments(filter app.payment_filter)
returns table (
    id uuid, consultation_id uuid, user_id uuid, provider app.payment_provider, amount_toman bigint, amount_rials bigint,
    ref_id text, card_pan text, status app.payment_status, paid_at timestamptz, created_at timestamptz
)
language sql
stable
parallel safe
as $$
    select p.id, p.consultation_id, p.user_id, p.provider, p.amount_toman, p.amount_rials, p.ref_id, p.card_pan, p.status,
        p.paid_at, p.created_at
    from app.payments p
    where ((filter).of_status is null or p.id = any ((filter).of_status))
      and ((filter).status is null or p.status::text = (filter).status::text)
      and ((filter).since is null or p.created_at >= (filter).since)
      and ((filter).until is null or p.created_at < (filter).until)
      and (((filter).who).people is null or p.user_id = any (((filter).who).people))
      and (((filter).who).mobile is null and ((filter).who).words is null or exists (
          select from app.users u
          where u.id = p.user_id
            and (((filter).who).mobile is null or u.mobile like ((filter).who).mobile || '%')
            and (((filter).who).words is null or u.search_words @@ ((filter).who).words)
          offset 0))
$$;

comment on function app.found_payments(app.payment_filter) is 'The attempts to pay that meet all filters.';
grant execute on function app.found_payments(app.payment_filter) to app_admin;
-- end of sql/app/search/found_payments.sql

-- from sql/app/export/csv_cell.sql
-- A spreadsheet runs what begins like a formula, also behind a byte order mark, quotes or space, and in the full-width
-- letters of East Asian keyboards. An apostrophe in front makes it text. What begins with a letter or a digit, as nearly
-- all cells do (U+0620 and on is Persian), is told by that alone.
-- No SET clause, so that it is inlined.
create or replace function app.csv_cell(value text)
returns text
language sql
immutable
parallel safe
as $$
    select case
        when ascii(value) between 1568 and 1791 or ascii(value) between 48 and 57
            or ascii(value) between 65 and 90 or ascii(value) between 97 and 122 then value
        when value ~ '^([\s\u00a0\ufeff"'']*[=+@＝＋－＠-]|[\ufeff"'']*[\t\r\n])' then '''' || value
        else value
    end
$$;

comment on function app.csv_cell(text) is 'The text as a cell that no spreadsheet takes for a formula.';
grant execute on function app.csv_cell(text) to app_admin;
-- end of sql/app/export/csv_cell.sql

-- from sql/app/export/calendar.sql
-- Joined, so that a date is turned once a day and not once a row: that is what makes an export fast. GROUP BY keeps it
-- a query of its own, and tells the planner that a day comes once.
-- No SET clause, so that it is inlined.
create or replace function app.calendar()
returns table (day date, jalali text)
language sql
stable
parallel safe
as $$
    select l.first + n, app.to_jalali(l.first + n)
    from (
        select coalesce(
            (select (c.created_at - interval '1 day')::date from app.consultations c order by c.created_at limit 1),
            current_date - 1) as first
    ) l
    cross join generate_series(0, current_date + 400 - l.first) as n
    group by l.first + n
$$;

comment on function app.calendar() is
    'Every day from the first consultation to the last appointment that can be, with its Jalali date.';
grant execute on function app.calendar() to app_admin;
grant execute on function app.to_jalali(date) to app_admin;
-- end of sql/app/export/calendar.sql

-- from sql/app/export/exported_consultations.sql
-- Of several attempts to pay, DISTINCT ON keeps the verified or else the latest: the rows are sorted anyway.
-- No SET clause, so that it is inlined: the export streams.
create or replace function app.exported_consultations(filter app.consultation_filter)
returns table (
    id uuid, status text, created_at text, created_at_jalali text, owner_name text, owner_mobile text,
    pet_name text, pet_type text, pet_breed text, message_text text, appointment_status text, appointment_at text,
    appointment_date_jalali text, doctor text, outcome text, price_toman bigint, payment_status text,
    payment_ref_id text, paid_at text, refund_status text, refund_toman bigint
)
language sql
stable
parallel safe
as $$
    select distinct on (c.created_at, c.id)
        c.id, c.status::text, to_char(c.created_at at time zone s.tz, 'YYYY-MM-DD HH24:MI'), made.jalali,
        app.csv_cell(u.name), u.mobile, app.csv_cell(p.name), p.type::text, app.csv_cell(p.breed),
        app.csv_cell(c.message_text), a.status::text, to_char(a.start_at at time zone s.tz, 'YYYY-MM-DD HH24:MI'),
        called.jalali, app.csv_cell(d.display_name), a.outcome::text, c.base_price_toman, m.status::text,
        app.csv_cell(m.ref_id), to_char(m.paid_at at time zone s.tz, 'YYYY-MM-DD HH24:MI'), r.status::text,
        r.amount_toman
    from app.system_config s
    cross join app.found_consultations(filter) c
    join app.users u on u.id = c.user_id
    join app.pets p on p.id = c.pet_id
    left join app.appointments a on a.consultation_id = c.id and a.status <> 'CANCELED'
    left join app.doctors d on d.id = a.doctor_id
    left join app.payments m on m.consultation_id = c.id
    left join app.refunds r on r.payment_id = m.id
    left join app.calendar() made on made.day = (c.created_at at time zone s.tz)::date
    left join app.calendar() called on called.day = (a.start_at at time zone s.tz)::date
    order by c.created_at desc, c.id desc, m.status = 'VERIFIED' desc nulls last, m.created_at desc
$$;

comment on function app.exported_consultations(app.consultation_filter) is
    'The consultations that meet all filters, as the rows of a spreadsheet: newest first, times in the clinic''s zone.';
grant execute on function app.exported_consultations(app.consultation_filter) to app_admin;
-- end of sql/app/export/exported_consultations.sql

-- from sql/app/export/exported_payments.sql
-- No SET clause, so that it is inlined: the export streams.
create or replace function app.exported_payments(filter app.payment_filter)
returns table (
    id uuid, consultation_id uuid, status text, created_at text, created_at_jalali text, owner_name text,
    owner_mobile text, provider text, amount_toman bigint, amount_rials bigint, ref_id text, card_pan text,
    paid_at text, paid_at_jalali text, refund_status text, refund_toman bigint, refund_reference text
)
language sql
stable
parallel safe
as $$
    select
        p.id, p.consultation_id, p.status::text, to_char(p.created_at at time zone s.tz, 'YYYY-MM-DD HH24:MI'),
        made.jalali, app.csv_cell(u.name), u.mobile, p.provider::text, p.amount_toman, p.amount_rials,
        app.csv_cell(p.ref_id), app.csv_cell(p.card_pan), to_char(p.paid_at at time zone s.tz, 'YYYY-MM-DD HH24:MI'),
        paid.jalali, r.status::text, r.amount_toman, app.csv_cell(r.reference)
    from app.system_config s
    cross join app.found_payments(filter) p
    join app.users u on u.id = p.user_id
    left join app.refunds r on r.payment_id = p.id
    left join app.calendar() made on made.day = (p.created_at at time zone s.tz)::date
    left join app.calendar() paid on paid.day = (p.paid_at at time zone s.tz)::date
    order by p.created_at desc, p.id desc
$$;

comment on function app.exported_payments(app.payment_filter) is
    'The attempts to pay that meet all filters, as the rows of a spreadsheet: newest first, times in the clinic''s zone.';
grant execute on function app.exported_payments(app.payment_filter) to app_admin;
-- end of sql/app/export/exported_payments.sql

-- from sql/sidecar/claim_object_deletions.sql
-- Never the object of a file that is there, whatever was written down: that one check is worth its price.
create or replace function sidecar.claim_object_deletions(max_rows integer)
returns setof text
language sql
security definer
set search_path = ''
as $$
    with due as (
        select d.object_key
        from app.object_deletions d
        where d.next_attempt_at <= (select clock_timestamp())
          and not exists (select from app.media m where m.object_key = d.object_key)
        order by d.next_attempt_at
        limit max_rows
        for update skip locked
    )
    update app.object_deletions d
    set attempts = d.attempts + 1,
        next_attempt_at = clock_timestamp() + interval '1 minute' * 2 ^ least(d.attempts, 6)
    from due
    where d.object_key = due.object_key
    returning d.object_key
$$;

comment on function sidecar.claim_object_deletions(integer) is
    'Takes up to max_rows deletions that are due. Those that are not finished come back by themselves: after a minute at
first, after an hour when the store refuses for long.';
grant execute on function sidecar.claim_object_deletions(integer) to sidecar;
-- end of sql/sidecar/claim_object_deletions.sql

-- from sql/app/appointments/end_holds.sql
create or replace function app.end_holds(appointment_ids uuid[], consultation_ids uuid[])
returns bigint
language sql
set search_path = ''
as $$
    update app.appointments a set status = 'CANCELED', cancel_reason = 'EXPIRED' where a.id = any (appointment_ids);
    update app.consultations c set status = 'DETAILS_SUBMITTED'
    where c.id = any (consultation_ids) and c.status::text = 'SLOT_HELD';
    select coalesce(cardinality(appointment_ids), 0)
$$;

comment on function app.end_holds(uuid[], uuid[]) is
    'Cancels expired holds that are locked, with their consultations; gives how many. The consultations may choose again,
unless they are PAYMENT_INITIATED: then the gateway''s answer decides.';
-- end of sql/app/appointments/end_holds.sql

-- from sql/app/appointments/release_lapsed_holds.sql
-- Somebody else's expired hold needs that person's consultation, which comes before slots in the lock order, and its
-- own row, which a slot whose capacity is being raised may have locked: both are taken only when they are free (SKIP
-- LOCKED), else the hold stays for now. What was locked is checked again in its newest version.
-- The status is compared as text, so that no partial index seems to serve: the planner knows little of tables under
-- row-level security, and would read such an index whole instead of finding the rows by their ids.
create or replace function app.release_lapsed_holds(appointment_ids uuid[])
returns bigint
language sql
set search_path = ''
as $$
    with lapsed as (
        select a.id, a.consultation_id
        from app.appointments a
        join app.consultations c on c.id = a.consultation_id
        where a.id = any (appointment_ids) and a.status::text = 'HELD' and a.hold_expires_at <= (select clock_timestamp())
        for no key update of c, a skip locked
    )
    select app.end_holds(array_agg(l.id), array_agg(l.consultation_id)) from lapsed l
$$;

comment on function app.release_lapsed_holds(uuid[]) is
    'Cancels those of the holds that have expired and can be locked at once; gives how many.';
-- end of sql/app/appointments/release_lapsed_holds.sql

-- from sql/app/appointments/free_lane.sql
-- Called under the slot's lock. Today's number of doctors decides; the slot's capacity is only ever raised to it, since
-- appointments that are there already may need the lanes above it.
create or replace function app.free_lane(slot app.slots)
returns smallint
language plpgsql
set search_path = ''
as $$
declare
    v_doctors integer;
    v_taken integer;
    v_lanes smallint[];
    v_lapsed uuid[];
    v_lane smallint := 1;
begin
    loop
        select count(*), coalesce(array_agg(a.lane), '{}'),
            array_agg(a.id) filter (where a.status = 'HELD' and a.hold_expires_at <= clock_timestamp()),
            (select count(*) from app.available_doctors(slot.start_at, slot.end_at))
        into v_taken, v_lanes, v_lapsed, v_doctors
        from app.appointments a
        where a.slot_id = slot.id and a.status <> 'CANCELED';
        exit when v_lapsed is null or app.release_lapsed_holds(v_lapsed) = 0;
    end loop;
    if v_taken >= v_doctors then
        return null;
    end if;
    if v_doctors > slot.capacity then
        update app.slots s set capacity = v_doctors where s.id = slot.id;
    end if;
    while v_lane = any (v_lanes) loop  -- ends below v_doctors or the capacity, since fewer are taken
        v_lane := v_lane + 1;
    end loop;
    return v_lane;
end
$$;

comment on function app.free_lane(app.slots) is
    'A free seat of the locked slot, or null when it is full; lapsed holds in it are released first.';
-- end of sql/app/appointments/free_lane.sql

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
    v_expired timestamptz[];
    v_expired_limit integer;
    v_cooldown interval;
begin
    perform from app.users u where u.id = require_hold_allowance.user_id for no key update;
    v_now := clock_timestamp();
    select c.max_live_holds, h.live, h.expired, c.cooldown_after_expired_holds, c.cooldown
    into v_limit, v_live, v_expired, v_expired_limit, v_cooldown
    from (select s.*, make_interval(mins => s.cooldown_minutes) as cooldown from app.system_config s) c
    cross join lateral (
        select count(*) filter (where a.status = 'HELD' and a.hold_expires_at > v_now) as live,
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
        perform app.fail('TOO_MANY_HOLDS', 'You hold as many slots as you may.', jsonb_build_object('limit', v_limit));
    elsif cardinality(v_expired) >= v_expired_limit then
        perform app.fail('TOO_MANY_HOLDS', 'Too many holds ran out without a payment. Try again later.',
            jsonb_build_object('retry_after',
                ceil(extract(epoch from v_expired[v_expired_limit] + v_cooldown - v_now))));
    end if;
end
$$;

comment on function app.require_hold_allowance(uuid, uuid) is
    'TOO_MANY_HOLDS when the person holds enough elsewhere, or let too many holds run out lately.';
-- end of sql/app/appointments/require_hold_allowance.sql

-- from sql/sidecar/claim_settlements.sql
-- A claim is a lease, as for SMS: it moves next_inquiry_at past its end, so that any number of sidecars share the work
-- and what a dead one took comes back by itself.
create or replace function sidecar.claim_settlements(max_rows integer, lease interval)
returns setof uuid
language sql
security definer
set search_path = ''
as $$
    update app.payments p
    set next_inquiry_at = clock_timestamp() + lease
    where p.id = any (array(
        select d.id from app.payments d
        where d.next_inquiry_at <= (select clock_timestamp())
        order by d.next_inquiry_at
        limit max_rows
        for no key update skip locked))
    returning p.id
$$;

comment on function sidecar.claim_settlements(integer, interval) is
    'Takes up to max_rows attempts that it is time to ask the gateway about, for the lease.';
grant execute on function sidecar.claim_settlements(integer, interval) to sidecar;
-- end of sql/sidecar/claim_settlements.sql

-- from sql/app/sms/drop_stale_sms.sql
-- A reminder may have waited for the provider for days; the appointment is looked at again just before sending.
create or replace function app.drop_stale_sms()
returns void
language sql
set search_path = ''
as $$
    update app.sms_messages m set status = 'FAILED', error = 'it was no longer worth sending'
    where m.id = any (array(
        select q.id
        from app.sms_messages q
        where q.status = 'QUEUED' and q.expires_at is not null and q.next_attempt_at <= (select clock_timestamp())
          and (q.expires_at <= (select clock_timestamp())
               or case when q.event = 'APPOINTMENT_REMINDER' then not exists (
                   select from app.appointments a
                   where a.id = split_part(q.subject, ':', 1)::uuid and a.status = 'CONFIRMED'
                     and app.reminder_subject(a) = q.subject
               ) end)
        for update skip locked))
$$;

comment on function app.drop_stale_sms() is
    'Gives up messages that came too late, and reminders of appointments that are not what they were.';
-- end of sql/app/sms/drop_stale_sms.sql

-- from sql/app/sms/take_sms.sql
-- A claim is a lease: it moves next_attempt_at past its end, so that what a dead worker took comes back by itself. A
-- due message that still has a claimant was lost by a dead one, who may have sent it.
create or replace function app.take_sms(worker text, max_rows integer, lease interval)
returns table (id uuid, number bigint, recipient text, body text, attempts integer, is_taken_over boolean)
language sql
set search_path = ''
as $$
    with due as (
        select q.id, q.claimed_by
        from app.sms_messages q
        where q.status = 'QUEUED' and q.next_attempt_at <= (select clock_timestamp())
        order by q.next_attempt_at
        limit max_rows
        for update skip locked
    )
    update app.sms_messages m
    set claimed_by = worker, attempts = m.attempts + 1, next_attempt_at = clock_timestamp() + lease
    from due d
    where m.id = d.id
    returning m.id, m.number, m.recipient, m.body, m.attempts, d.claimed_by is not null
$$;

comment on function app.take_sms(text, integer, interval) is 'Takes up to max_rows messages that are due, for the lease.';
-- end of sql/app/sms/take_sms.sql

-- from sql/sidecar/due_deliveries.sql
-- Asked less and less often, and for two days: Kavenegar knows messages for 48 hours.
create or replace function sidecar.due_deliveries(provider text, max_rows integer)
returns table (id uuid, provider_message_id text)
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.sms_messages m set delivery = 'UNKNOWN', delivery_due_at = null
    where m.id = any (array(
        select q.id from app.sms_messages q
        where q.delivery_due_at <= (select clock_timestamp()) and q.sent_at < (select clock_timestamp() - interval '48 hours')
        limit 1000
        for update skip locked));
    return query
    update app.sms_messages m
    set delivery_due_at = clock_timestamp()
        + greatest(interval '1 minute', (clock_timestamp() - m.sent_at) / 2) * (0.9 + random() / 5)
    where m.id = any (array(
        select q.id from app.sms_messages q
        where q.delivery_due_at <= (select clock_timestamp()) and q.provider = due_deliveries.provider
        order by q.delivery_due_at
        limit max_rows
        for update skip locked))
    returning m.id, m.provider_message_id;
end
$$;

comment on function sidecar.due_deliveries(text, integer) is
    'Takes sent messages that the provider is to be asked about; those it never answered for end as UNKNOWN.';
grant execute on function sidecar.due_deliveries(text, integer) to sidecar;
-- end of sql/sidecar/due_deliveries.sql

-- from sql/app/jobs/release_expired_holds.sql
-- Those that somebody works on are passed over, and must not use up the batch. The commit is not waited for: should the
-- server fail in that moment, the holds have expired as before, and are released at the next turn.
create or replace function app.release_expired_holds(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    select set_config('synchronous_commit', 'off', true);
    with lapsed as (
        select a.id, a.consultation_id
        from app.appointments a
        join app.consultations c on c.id = a.consultation_id
        where a.status = 'HELD' and a.hold_expires_at <= (select clock_timestamp())
        order by a.hold_expires_at
        limit max_rows
        for no key update of c, a skip locked
    )
    select app.end_holds(array_agg(l.id), array_agg(l.consultation_id)) from lapsed l
$$;

comment on function app.release_expired_holds(integer) is 'Job: gives up holds that ran out, a batch at a time.';
-- end of sql/app/jobs/release_expired_holds.sql

-- from sql/app/jobs/expire_consultations.sql
-- Nothing is given up while money may be on its way, and nothing that a gateway ever knew of is hidden. Whether there
-- was an attempt to pay is looked up in a later statement than the lock.
create or replace function app.expire_consultations(max_rows integer default 1000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_ids uuid[];
    v_expired bigint;
begin
    v_ids := array(
        select c.id from app.consultations c
        where c.expires_at <= (select clock_timestamp())
          and not exists (
              select from app.payments p
              where p.consultation_id = c.id and p.status in ('INITIATED', 'PENDING', 'VERIFIED'))
        order by c.expires_at
        limit max_rows
        for no key update skip locked);
    update app.consultations c
    set status = 'EXPIRED',
        deleted_at = case when not exists (
            select from app.payments p where p.consultation_id = c.id and p.authority is not null
        ) then clock_timestamp() end
    where c.id = any (v_ids)
      and not exists (
          select from app.payments p
          where p.consultation_id = c.id and p.status in ('INITIATED', 'PENDING', 'VERIFIED'));
    get diagnostics v_expired = row_count;
    return v_expired;
end
$$;

comment on function app.expire_consultations(integer) is
    'Job: EXPIRED for what was left lying, soft-deleted when no attempt to pay ever reached a gateway.';
-- end of sql/app/jobs/expire_consultations.sql

-- from sql/app/jobs/expire_unsent_payments.sql
create or replace function app.expire_unsent_payments(max_rows integer default 1000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_ids uuid[];
    v_expired bigint;
begin
    v_ids := array(
        select p.id
        from app.payments p
        join app.consultations c on c.id = p.consultation_id
        where p.status = 'INITIATED' and p.authority is null and p.created_at < (select clock_timestamp() - interval '1 hour')
        limit max_rows
        for no key update of c skip locked);
    update app.payments p set status = 'EXPIRED'
    where p.id = any (v_ids) and p.status = 'INITIATED' and p.authority is null;
    get diagnostics v_expired = row_count;
    return v_expired;
end
$$;

comment on function app.expire_unsent_payments(integer) is 'Job: EXPIRED for attempts that never got an authority.';
-- end of sql/app/jobs/expire_unsent_payments.sql

-- from sql/app/jobs/prune_uploads.sql
create or replace function app.prune_uploads(max_rows integer default 1000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_ids uuid[];
begin
    v_ids := array(
        select u.id from app.uploads u
        where u.created_at < (select clock_timestamp() - interval '1 day')
          and (u.checked_until is null or u.checked_until < (select clock_timestamp()))
        limit max_rows
        for update skip locked);
    perform app.close_upload(u.id, 'UNUSED') from app.uploads u where u.id = any (v_ids) and u.used_at is null;
    delete from app.uploads u where u.id = any (v_ids);
    return cardinality(v_ids);
end
$$;

comment on function app.prune_uploads(integer) is
    'Job: forgets tickets that are a day old, and has what was uploaded and never registered deleted.';
-- end of sql/app/jobs/prune_uploads.sql

-- from sql/app/jobs/prune_sessions.sql
create or replace function app.prune_sessions(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    with dead as (
        delete from app.sessions s
        where s.id = any (array(
            select d.id from app.sessions d
            where d.expires_at < (select clock_timestamp() - interval '1 day')
               or d.revoked_at < (select clock_timestamp() - interval '1 day')
            limit max_rows
            for update skip locked))
        returning s.id
    )
    select count(*) from dead
$$;

comment on function app.prune_sessions(integer) is 'Job: forgets sessions that ended more than a day ago.';
-- end of sql/app/jobs/prune_sessions.sql

-- from sql/app/jobs/prune_sign_in_attempts.sql
create or replace function app.prune_sign_in_attempts(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    with old as (
        delete from app.sign_in_attempts s
        where (s.mobile, s.ip) in (
            select d.mobile, d.ip from app.sign_in_attempts d
            where d.updated_at < (select clock_timestamp() - interval '1 hour')
            limit max_rows
            for update skip locked)
        returning s.mobile
    )
    select count(*) from old
$$;

comment on function app.prune_sign_in_attempts(integer) is 'Job: forgets sign-in attempts older than an hour.';
-- end of sql/app/jobs/prune_sign_in_attempts.sql

-- from sql/app/jobs/prune_job_runs.sql
-- NOTE: the latest run of each job stays: it says whether a run was missed.
create or replace function app.prune_job_runs(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    with old as (
        delete from app.job_runs r
        where r.id = any (array(
            select d.id from app.job_runs d
            where d.started_at < (select clock_timestamp() - interval '30 days')
              and exists (select from app.job_runs n where n.job_name = d.job_name and n.started_at > d.started_at)
            limit max_rows
            for update skip locked))
        returning r.id
    )
    select count(*) from old
$$;

comment on function app.prune_job_runs(integer) is 'Job: forgets the history of jobs older than 30 days.';
-- end of sql/app/jobs/prune_job_runs.sql
