-- the first version

-- from sql/foundation/schemas.sql
-- Three schemas by audience: app is private (tables, rules, triggers), api is what PostgREST exposes (views and
-- functions only), sidecar is what only the sidecar's login may execute.
create schema app;
create schema api;
create schema sidecar;

-- Callers need app for the policies' helper functions; what they may see of its tables is decided by column grants
-- and row-level security, table by table.
grant usage on schema app to anon, app_user, app_doctor, app_admin, sidecar, job_runner;
grant usage on schema api to anon, app_user, app_doctor, app_admin, sidecar;
grant usage on schema sidecar to sidecar;

comment on schema app is 'Private: tables, rules and trigger functions.';
comment on schema api is E'Vetline\n\nPaid telephone consultations with a veterinarian: pets, consultations, slots, payments.';
comment on schema sidecar is 'Functions that only the sidecar may execute.';
-- end of sql/foundation/schemas.sql

-- from sql/foundation/default_privileges.sql
-- Functions are executable by PUBLIC unless this is revoked globally: the per-schema form has no effect on PUBLIC.
alter default privileges revoke execute on functions from public;
-- end of sql/foundation/default_privileges.sql

-- from sql/foundation/enums.sql
-- The closed vocabularies. Which status may follow which is data: see the *_transitions tables.
create type app.user_role as enum ('USER', 'ADMIN', 'DOCTOR');
create type app.pet_type as enum ('DOG', 'CAT', 'OTHER');
create type app.pet_gender as enum ('MALE', 'FEMALE', 'UNKNOWN');
create type app.consultation_type as enum ('SPECIALIST');
create type app.consultation_status as enum (
    'DRAFT',              -- made, nothing said about the problem yet
    'DETAILS_SUBMITTED',  -- the problem is described; a slot can be chosen
    'SLOT_HELD',          -- a seat is kept for a quarter of an hour
    'PAYMENT_INITIATED',  -- the owner was sent to the gateway
    'PAID',               -- the money is proved; without a live appointment it waits for a new slot
    'SCHEDULED',          -- paid, and the seat is confirmed
    'COMPLETED',          -- the call took place (end)
    'CANCELED',           -- by the owner or an admin (end)
    'EXPIRED'             -- left lying for too long (end)
);
create type app.appointment_status as enum ('HELD', 'CONFIRMED', 'CANCELED', 'COMPLETED');
create type app.appointment_outcome as enum ('TOOK_PLACE', 'NO_SHOW');
create type app.cancel_reason as enum (
    'RELEASED',             -- by the owner
    'EXPIRED',              -- the hold ran out; repeated, it earns a cool-down
    'PAYMENT_FAILED',       -- the gateway said: not paid
    'CONSULTATION_CLOSED',  -- the consultation was canceled or expired
    'MOVED'                 -- the owner's new seat is another one
);
create type app.payment_provider as enum ('ZARINPAL', 'MOCK');
create type app.payment_status as enum (
    'INITIATED',  -- made; the gateway was not asked, or has not answered
    'PENDING',    -- has an authority: the owner may be paying right now
    'VERIFIED',   -- the gateway proved it; the only final state
    'FAILED',     -- not paid, as far as we know
    'EXPIRED',    -- nobody paid in time, as far as we know
    'CANCELED'    -- given up by the owner or overtaken by another payment
);
create type app.refund_status as enum ('DUE', 'REVERSED', 'TRANSFERRED');
create type app.refund_reason as enum (
    'CONSULTATION_CLOSED',  -- paid after it was canceled, expired or deleted
    'SURPLUS',              -- the consultation was paid already
    'ADMIN_CANCELED',       -- an admin canceled a paid consultation
    'GOODWILL'              -- an admin gave it back although the call took place
);
create type app.media_category as enum ('AUDIO', 'VIDEO', 'DOCUMENT', 'IMAGE');
create type app.media_purpose as enum ('VOICE_NOTE', 'MEDICAL_DOC', 'PET_VIDEO', 'OTHER');
create type app.notification_type as enum (
    'PAYMENT_SUCCESS', 'NEW_CONSULTATION', 'SLOT_SELECTED', 'APPOINTMENT_CONFIRMED',
    'SLOT_LOST',          -- paid, but the seat is gone: the owner chooses another, or an admin refunds
    'OVER_CAPACITY',      -- more confirmed appointments than doctors
    'DOCTOR_UNASSIGNED',  -- confirmed without a doctor
    'REFUND_DUE',
    'APPOINTMENT_MOVED',     -- by an admin
    'APPOINTMENT_CANCELED',  -- by an admin
    'SMS_PAUSED',            -- the provider refuses us: nothing is sent until that is repaired
    'REFUNDED',              -- the owner's money went back
    'PAYMENT_UNCLEAR',       -- the gateway refuses to say whether it was paid, for a fault of ours
    'UNKNOWN_AUTHORITY'      -- the gateway holds money under an authority that we do not know
);
create type app.sms_status as enum ('QUEUED', 'SENT', 'FAILED');
create type app.sms_delivery as enum (
    'PENDING',      -- on its way, as far as the provider knows
    'DELIVERED',
    'UNDELIVERED',  -- the phone was off or out of reach for too long
    'FAILED',       -- the network did not take it
    'BLOCKED',      -- the recipient refuses such messages
    'CANCELED',     -- by the provider
    'UNKNOWN'       -- nobody could say within two days
);
create type app.currency as enum ('TOMAN');
create type app.assignment_policy as enum ('ROUND_ROBIN', 'MANUAL');
-- end of sql/foundation/enums.sql

-- from sql/app/time/new_id.sql
-- Time-ordered ids (UUID version 7, RFC 9562): 48 bits of milliseconds, then randomness, so that new rows land at the
-- end of an index. Written in SQL because PostgreSQL has uuidv7() only from version 18 on.
-- No SET clause: it must be inlined, being the default of most tables.
create or replace function app.new_id()
returns uuid
language sql
volatile
parallel safe
as $$
    select encode(
        set_bit(set_bit(
            overlay(
                uuid_send(gen_random_uuid())
                placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                from 1 for 6
            ),
            52, 1), 53, 1),
        'hex')::uuid
$$;

comment on function app.new_id() is 'A time-ordered UUID (version 7).';
-- end of sql/app/time/new_id.sql

-- from sql/app/time/to_jalali.sql
-- The Persian calendar by the 33-year cycle of 8 leap years, which agrees with the astronomical one from 1178 to 1633.
-- Day 0 of the reckoning is the first day of the year -1595, 1,075,195 days before 1970-01-02; 12,053 days are a
-- cycle of 33 years, 1,461 days four years.
create or replace function app.to_jalali(day date)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    with reckoned as (
        select (day - date '1970-01-01') + 1075195 as days
    ), cycled as (
        select -1595 + 33 * (days / 12053) + 4 * (days % 12053 / 1461) as year, days % 12053 % 1461 as days
        from reckoned
    ), yeared as (
        select
            year + case when days > 365 then (days - 1) / 365 else 0 end as year,
            case when days > 365 then (days - 1) % 365 else days end as days
        from cycled
    )
    select case
        when days < 186 then format('%s-%s-%s', year, lpad((1 + days / 31)::text, 2, '0'),
                                    lpad((1 + days % 31)::text, 2, '0'))
        else format('%s-%s-%s', year, lpad((7 + (days - 186) / 30)::text, 2, '0'),
                    lpad((1 + (days - 186) % 30)::text, 2, '0'))
    end
    from yeared
$$;

comment on function app.to_jalali(date) is 'The Jalali date of a Gregorian one, as YYYY-MM-DD in Latin digits.';
-- end of sql/app/time/to_jalali.sql

-- from sql/app/time/persian_digits.sql
create or replace function app.persian_digits(latin text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    select translate(latin, '0123456789', '۰۱۲۳۴۵۶۷۸۹')
$$;

comment on function app.persian_digits(text) is 'The text with its Latin digits written in Persian.';
-- end of sql/app/time/persian_digits.sql

-- from sql/app/time/latin_digits.sql
-- People type Persian digits (U+06F0…) and Arabic ones (U+0660…), often without knowing which.
create or replace function app.latin_digits(typed text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    select translate(typed, '۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩', '01234567890123456789')
$$;

comment on function app.latin_digits(text) is 'The text with its Persian and Arabic digits written in Latin.';
grant execute on function app.latin_digits(text) to sidecar, app_admin;
-- end of sql/app/time/latin_digits.sql

-- from sql/app/time/tg__touch.sql
create or replace function app.tg__touch()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.updated_at := clock_timestamp();
    return new;
end
$$;

comment on function app.tg__touch() is 'Keeps updated_at true.';
-- end of sql/app/time/tg__touch.sql

-- from sql/app/time/tg__version.sql
create or replace function app.tg__version()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.version := old.version + 1;
    return new;
end
$$;

comment on function app.tg__version() is 'Counts the changes of a row: its ETag, and part of what makes a message unique.';
-- end of sql/app/time/tg__version.sql

-- from sql/app/errors/fail.sql
-- Every refusal leaves the database here, so that a code has one status and one shape. PostgREST turns SQLSTATE PGRST
-- into the answer; both status and headers are needed, and details must be text (the gateway opens it again). The
-- PTnnn states are not used: they put the message into the status line, where a client can inject headers.
create or replace function app.fail(code text, message text, details jsonb default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_status integer := case code
        when 'UNAUTHENTICATED' then 401
        when 'FORBIDDEN' then 403
        when 'NOT_FOUND' then 404
        when 'CONFLICT' then 409
        when 'INVALID_STATE' then 409
        when 'SLOT_FULL' then 409
        when 'PAYMENT_IN_PROGRESS' then 409
        when 'VALIDATION_FAILED' then 422
        when 'SLOT_NOT_OFFERED' then 422
        when 'RATE_LIMITED' then 429
        when 'TOO_MANY_HOLDS' then 429
        else 500
    end;
begin
    raise sqlstate 'PGRST' using
        message = jsonb_build_object('code', code, 'message', message, 'details', details::text, 'hint', null)::text,
        detail = jsonb_build_object('status', v_status, 'headers', '{}'::jsonb)::text;
end
$$;

comment on function app.fail(text, text, jsonb) is
    'Refuses the call with one of the codes of docs/errors.md, in the shape that PostgREST answers.';
-- end of sql/app/errors/fail.sql

-- from sql/app/errors/fail_validation.sql
create or replace function app.fail_validation(fields jsonb)
returns void
language sql
set search_path = ''
as $$
    select app.fail('VALIDATION_FAILED', 'Some fields are missing or not valid.',
                    jsonb_build_object('fields', jsonb_strip_nulls(fields)))
    where jsonb_strip_nulls(fields) <> '{}'
$$;

comment on function app.fail_validation(jsonb) is
    'Refuses the call with VALIDATION_FAILED when any of the fields has a complaint (null = none).';
-- end of sql/app/errors/fail_validation.sql

-- from sql/app/request/claims.sql
-- No SET clause here and in the helpers below: they must be inlined into policies and queries.
create or replace function app.claims()
returns jsonb
language sql
stable
parallel safe
as $$
    select nullif(current_setting('request.jwt.claims', true), '')::jsonb
$$;

comment on function app.claims() is 'The claims of the caller''s access token; null when nobody is signed in.';
grant execute on function app.claims() to anon, app_user, app_doctor, app_admin, sidecar, job_runner;
-- end of sql/app/request/claims.sql

-- from sql/app/request/current_user_id.sql
create or replace function app.current_user_id()
returns uuid
language sql
stable
parallel safe
as $$
    select (app.claims() ->> 'sub')::uuid
$$;

comment on function app.current_user_id() is 'The signed-in person''s id; null for the system and for anonymous callers.';
grant execute on function app.current_user_id() to anon, app_user, app_doctor, app_admin, sidecar, job_runner;
-- end of sql/app/request/current_user_id.sql

-- from sql/app/request/request_header.sql
-- Only headers that nginx sets itself reach the database (x-request-id, x-real-ip): nothing here decides anything.
create or replace function app.request_header(name text)
returns text
language sql
stable
parallel safe
as $$
    select nullif(current_setting('request.headers', true), '')::jsonb ->> name
$$;

comment on function app.request_header(text) is 'A header of the request, by its lower-case name; null outside a request.';
grant execute on function app.request_header(text) to anon, app_user, app_doctor, app_admin, sidecar, job_runner;
-- end of sql/app/request/request_header.sql

-- from sql/app/request/require_admin.sql
create or replace function app.require_admin()
returns void
language plpgsql
set search_path = ''
as $$
begin
    if app.claims() ->> 'role' is distinct from 'app_admin' then
        perform app.fail('FORBIDDEN', 'This is for admins.');
    end if;
end
$$;

comment on function app.require_admin() is
    'FORBIDDEN unless an admin is signed in; app.check_request has proved that the role in the token is theirs.';
-- end of sql/app/request/require_admin.sql

-- from sql/app/audit/tg__keep.sql
create or replace function app.tg__keep()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception '%.% is kept: % is refused', tg_table_schema, tg_table_name, tg_op
        using errcode = 'restrict_violation';
end
$$;

comment on function app.tg__keep() is 'Refuses the change, the owner''s included: what was logged or paid stays.';
-- end of sql/app/audit/tg__keep.sql

-- from sql/app/audit/audit_log.sql
-- Who changed what, written in the transaction of the change and never altered. meta holds ids, states and amounts,
-- no names, mobiles or texts, so that erasing a person needs no change of it. No foreign key on the actor: the log
-- outlives what it speaks of.
create table app.audit_log (
    id uuid not null default app.new_id(),
    actor_user_id uuid,
    action text not null,
    entity_type text not null,
    entity_id uuid,
    meta jsonb not null default '{}',
    created_at timestamptz not null default clock_timestamp(),
    constraint audit_log_pkey primary key (id),
    constraint audit_log_action_check check (action ~ '^[A-Z][A-Z_]+$')
);

create index audit_log_entity_id_idx on app.audit_log (entity_id, id);

create trigger audit_log_100_append_only before update or delete or truncate on app.audit_log
    for each statement execute function app.tg__keep();

alter table app.audit_log enable row level security;
alter table app.audit_log force row level security;
create policy audit_log_all_owner on app.audit_log to app_owner using (true) with check (true);
create policy audit_log_select_admin on app.audit_log for select to app_admin using (true);

grant select on app.audit_log to app_admin;

comment on table app.audit_log is 'Append-only record of every change of state.';
comment on column app.audit_log.actor_user_id is 'From the token; null when the system acted.';
comment on column app.audit_log.meta is 'request_id, ip, from, to, and the ids and amounts concerned.';
-- end of sql/app/audit/audit_log.sql

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
        audit.actor_user_id, audit.action, audit.entity_type, audit.entity_id,
        audit.meta || jsonb_strip_nulls(jsonb_build_object(
            'request_id', app.request_header('x-request-id'), 'ip', app.request_header('x-real-ip')))
    )
$$;

comment on function app.audit(text, text, uuid, jsonb, uuid) is
    'Writes one line of the audit log; the actor is the signed-in person unless the caller knows better.';
-- end of sql/app/audit/audit.sql

-- from sql/app/audit/consultation_transitions.sql
-- Every change of a consultation's status that is allowed, and what the audit log calls it. Rows without a first state are
-- the states in which a consultation may begin.
create table app.consultation_transitions (
    from_status app.consultation_status,
    to_status app.consultation_status not null,
    action text not null,
    constraint consultation_transitions_key unique nulls not distinct (from_status, to_status)
);

alter table app.consultation_transitions enable row level security;
alter table app.consultation_transitions force row level security;
create policy consultation_transitions_all_owner on app.consultation_transitions to app_owner using (true) with check (true);

comment on table app.consultation_transitions is 'The allowed changes of a consultation''s status, enforced by app.tg__transition.';

insert into app.consultation_transitions (from_status, to_status, action) values
    (null, 'DRAFT', 'CONSULTATION_CREATED'),
    ('DRAFT', 'DETAILS_SUBMITTED', 'CONSULTATION_DETAILS_SUBMITTED'),
    ('DRAFT', 'CANCELED', 'CONSULTATION_CANCELED'),
    ('DRAFT', 'EXPIRED', 'CONSULTATION_EXPIRED'),
    ('DETAILS_SUBMITTED', 'SLOT_HELD', 'CONSULTATION_SLOT_HELD'),
    ('DETAILS_SUBMITTED', 'PAID', 'CONSULTATION_PAID'),  -- the proof of payment came after the hold ran out
    ('DETAILS_SUBMITTED', 'CANCELED', 'CONSULTATION_CANCELED'),
    ('DETAILS_SUBMITTED', 'EXPIRED', 'CONSULTATION_EXPIRED'),
    ('SLOT_HELD', 'DETAILS_SUBMITTED', 'CONSULTATION_SLOT_RELEASED'),
    ('SLOT_HELD', 'PAYMENT_INITIATED', 'CONSULTATION_PAYMENT_INITIATED'),
    ('SLOT_HELD', 'PAID', 'CONSULTATION_PAID'),  -- an earlier attempt proved to be paid while a new seat is held
    ('SLOT_HELD', 'CANCELED', 'CONSULTATION_CANCELED'),
    ('PAYMENT_INITIATED', 'DETAILS_SUBMITTED', 'CONSULTATION_PAYMENT_FAILED'),
    ('PAYMENT_INITIATED', 'PAID', 'CONSULTATION_PAID'),
    ('PAYMENT_INITIATED', 'CANCELED', 'CONSULTATION_CANCELED'),
    ('PAID', 'SCHEDULED', 'CONSULTATION_SCHEDULED'),
    ('PAID', 'CANCELED', 'CONSULTATION_CANCELED'),
    ('SCHEDULED', 'COMPLETED', 'CONSULTATION_COMPLETED'),
    ('SCHEDULED', 'CANCELED', 'CONSULTATION_CANCELED');
-- end of sql/app/audit/consultation_transitions.sql

-- from sql/app/audit/appointment_transitions.sql
-- Every change of a appointment's status that is allowed, and what the audit log calls it. Rows without a first state are
-- the states in which a appointment may begin.
create table app.appointment_transitions (
    from_status app.appointment_status,
    to_status app.appointment_status not null,
    action text not null,
    constraint appointment_transitions_key unique nulls not distinct (from_status, to_status)
);

alter table app.appointment_transitions enable row level security;
alter table app.appointment_transitions force row level security;
create policy appointment_transitions_all_owner on app.appointment_transitions to app_owner using (true) with check (true);

comment on table app.appointment_transitions is 'The allowed changes of a appointment''s status, enforced by app.tg__transition.';

insert into app.appointment_transitions (from_status, to_status, action) values
    (null, 'HELD', 'SLOT_HELD'),
    ('HELD', 'CONFIRMED', 'APPOINTMENT_CONFIRMED'),
    ('HELD', 'CANCELED', 'HOLD_RELEASED'),
    ('CONFIRMED', 'COMPLETED', 'APPOINTMENT_COMPLETED'),
    ('CONFIRMED', 'CANCELED', 'APPOINTMENT_CANCELED');
-- end of sql/app/audit/appointment_transitions.sql

-- from sql/app/audit/payment_transitions.sql
-- Every change of a payment's status that is allowed, and what the audit log calls it. Rows without a first state are
-- the states in which a payment may begin.
create table app.payment_transitions (
    from_status app.payment_status,
    to_status app.payment_status not null,
    action text not null,
    constraint payment_transitions_key unique nulls not distinct (from_status, to_status)
);

alter table app.payment_transitions enable row level security;
alter table app.payment_transitions force row level security;
create policy payment_transitions_all_owner on app.payment_transitions to app_owner using (true) with check (true);

comment on table app.payment_transitions is 'The allowed changes of a payment''s status, enforced by app.tg__transition.';

insert into app.payment_transitions (from_status, to_status, action) values
    (null, 'INITIATED', 'PAYMENT_INITIATED'),
    ('INITIATED', 'PENDING', 'PAYMENT_PENDING'),
    ('INITIATED', 'FAILED', 'PAYMENT_FAILED'),
    ('INITIATED', 'EXPIRED', 'PAYMENT_EXPIRED'),
    ('INITIATED', 'CANCELED', 'PAYMENT_CANCELED'),
    ('PENDING', 'VERIFIED', 'PAYMENT_VERIFIED'),
    ('PENDING', 'FAILED', 'PAYMENT_FAILED'),
    ('PENDING', 'EXPIRED', 'PAYMENT_EXPIRED'),
    ('PENDING', 'CANCELED', 'PAYMENT_CANCELED'),
    -- late truth wins: closed in good faith, and paid after all
    ('FAILED', 'VERIFIED', 'PAYMENT_VERIFIED'),
    ('EXPIRED', 'VERIFIED', 'PAYMENT_VERIFIED'),
    ('CANCELED', 'VERIFIED', 'PAYMENT_VERIFIED');
-- end of sql/app/audit/payment_transitions.sql

-- from sql/app/audit/refund_transitions.sql
-- Every change of a refund's status that is allowed, and what the audit log calls it. Rows without a first state are
-- the states in which a refund may begin.
create table app.refund_transitions (
    from_status app.refund_status,
    to_status app.refund_status not null,
    action text not null,
    constraint refund_transitions_key unique nulls not distinct (from_status, to_status)
);

alter table app.refund_transitions enable row level security;
alter table app.refund_transitions force row level security;
create policy refund_transitions_all_owner on app.refund_transitions to app_owner using (true) with check (true);

comment on table app.refund_transitions is 'The allowed changes of a refund''s status, enforced by app.tg__transition.';

insert into app.refund_transitions (from_status, to_status, action) values
    (null, 'DUE', 'REFUND_DUE'),
    ('DUE', 'REVERSED', 'REFUND_REVERSED'),
    ('DUE', 'TRANSFERRED', 'REFUND_TRANSFERRED');
-- end of sql/app/audit/refund_transitions.sql

-- from sql/app/audit/transitions.sql
create or replace view app.transitions with (security_invoker = true) as
select 'consultations' as machine, from_status::text, to_status::text, action from app.consultation_transitions
union all
select 'appointments', from_status::text, to_status::text, action from app.appointment_transitions
union all
select 'payments', from_status::text, to_status::text, action from app.payment_transitions
union all
select 'refunds', from_status::text, to_status::text, action from app.refund_transitions;

comment on view app.transitions is 'All state machines in one place; machine is the name of the table that has the status.';
-- end of sql/app/audit/transitions.sql

-- from sql/app/audit/pick.sql
create or replace function app.pick(object jsonb, keys text[])
returns jsonb
language sql
immutable
parallel safe
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(key, object -> key), '{}') from unnest(keys) as key
$$;

comment on function app.pick(jsonb, text[]) is 'The object with only these keys.';
-- end of sql/app/audit/pick.sql

-- from sql/app/audit/tg__transition.sql
-- The one guard of every status, whoever changes it, raw SQL included; and, because an allowed change has a name, the
-- one place that writes its audit line (G5 and G6 stand or fall together). After the row, not before: an insert that
-- ends in ON CONFLICT DO NOTHING must not be logged.
-- Arguments: the entity's name, then the columns that belong into meta.
create or replace function app.tg__transition()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_from text;
    v_to text := new.status;
    v_action text;
begin
    if tg_op = 'UPDATE' then
        v_from := old.status;
    end if;
    select t.action into v_action
    from app.transitions t
    where t.machine = tg_table_name and t.from_status is not distinct from v_from and t.to_status = v_to;
    if not found then
        perform app.fail('INVALID_STATE',
            format('A %s in state %s cannot become %s.', tg_argv[0], coalesce(v_from, '(new)'), v_to),
            jsonb_build_object('entity', tg_argv[0], 'from', v_from, 'to', v_to));
    end if;
    perform app.audit(v_action, tg_argv[0], new.id, jsonb_strip_nulls(
        jsonb_build_object('from', v_from, 'to', v_to) || app.pick(to_jsonb(new), tg_argv[1:])));
    return null;
end
$$;

comment on function app.tg__transition() is
    'Refuses a change of status that is not in the transition tables, and logs one that is.';
-- end of sql/app/audit/tg__transition.sql

-- from sql/app/sms/fill_template.sql
create or replace function app.fill_template(template text, fields jsonb)
returns text
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
    v_name text;
    v_value text;
begin
    for v_name, v_value in select f.key, f.value from jsonb_each_text(fields) f loop
        template := replace(template, '{' || v_name || '}', v_value);
    end loop;
    return template;
end
$$;

comment on function app.fill_template(text, jsonb) is 'The template with each {name} replaced by the field of that name.';
-- end of sql/app/sms/fill_template.sql

-- from sql/app/sms/is_sms_template.sql
-- Checked when a template is saved, because it is used when money has just been proved: a message that is then too long
-- would fail the settlement. So the template is filled with the longest values there are.
create or replace function app.is_sms_template(template text, is_move boolean default false)
returns boolean
language sql
immutable
strict
set search_path = ''
as $$
    select filled ~ '\S' and filled !~ '[{}]' and length(filled) <= 900
    from app.fill_template(
        template,
        '{"date": "۱۴۰۵/۱۲/۲۹", "time": "۲۳:۵۹", "weekday": "چهارشنبه",
          "consultationId": "00000000-0000-0000-0000-000000000000"}'
        || case
            when is_move then '{"previousDate": "۱۴۰۵/۱۲/۲۹", "previousTime": "۲۳:۵۹", "previousWeekday": "چهارشنبه"}'
            else '{}'
        end::jsonb
    ) as filled
$$;

comment on function app.is_sms_template(text, boolean) is
    'Whether a template knows all its placeholders (docs/sms.md) and stays within 900 characters when they are filled in.';
-- end of sql/app/sms/is_sms_template.sql

-- from sql/app/config/system_config.sql
-- The clinic's settings: one row. The environment gives its first values; after that the row is the truth.
create table app.system_config (
    is_the_only_row boolean not null default true,
    tz text not null default 'Asia/Tehran',
    open_weekdays smallint[] not null default '{6,1,3}',
    start_hour smallint not null default 17,
    end_hour smallint not null default 21,
    slot_minutes smallint not null default 30,
    hold_minutes smallint not null default 15,
    payment_window_minutes smallint not null default 15,
    price_toman bigint not null default 280000,
    booking_horizon_days smallint not null default 60,
    max_live_holds smallint not null default 2,
    cooldown_after_expired_holds smallint not null default 3,
    cooldown_minutes smallint not null default 60,
    consultation_ttl_hours smallint not null default 48,
    doctor_assignment app.assignment_policy not null default 'ROUND_ROBIN',
    sms_confirmed_template text not null default
        'پرداخت شما برای مشاوره تخصصی ثبت شد. زمان: {date} ساعت {time}. شناسه: {consultationId}. ممنونیم.',
    sms_slot_lost_template text not null default
        'پرداخت شما ثبت شد، اما زمان انتخابی دیگر در دسترس نیست. لطفاً زمان دیگری انتخاب کنید. شناسه: {consultationId}',
    configured_at timestamptz,
    updated_at timestamptz not null default clock_timestamp(),
    sms_moved_template text not null default
        'نوبت مشاوره شما از {previousDate} ساعت {previousTime} به {weekday} {date} ساعت {time} منتقل شد. شناسه: {consultationId}',
    sms_canceled_template text not null default
        'نوبت مشاوره شما در {date} ساعت {time} از سوی کلینیک لغو شد. در صورت پرداخت، مبلغ بازگردانده می‌شود. شناسه: {consultationId}',
    sms_reminder_template text not null default
        'یادآوری: نوبت مشاوره تلفنی شما {weekday} {date} ساعت {time} است. لطفاً در دسترس باشید.',
    reminder_minutes smallint,
    constraint system_config_pkey primary key (is_the_only_row),
    constraint system_config_one_row_check check (is_the_only_row),
    constraint system_config_tz_check  -- no digits: PostgreSQL would take Tehran5 for a zone of its own making
        check (tz ~ '^[A-Za-z_]+(/[A-Za-z_-]+)*$' and timezone(tz, timestamptz '2026-01-01 00:00+00') is not null),
    constraint system_config_open_weekdays_check
        check (open_weekdays <@ '{1,2,3,4,5,6,7}'::smallint[] and cardinality(open_weekdays) > 0),
    constraint system_config_hours_check check (start_hour >= 0 and start_hour < end_hour and end_hour <= 24),
    constraint system_config_slot_minutes_check
        check (slot_minutes between 5 and 240 and slot_minutes <= (end_hour - start_hour) * 60),
    constraint system_config_hold_minutes_check check (hold_minutes between 1 and 120),
    constraint system_config_payment_window_check check (payment_window_minutes between 1 and 120),
    constraint system_config_price_check check (price_toman between 1000 and 100000000),
    constraint system_config_horizon_check check (booking_horizon_days between 1 and 365),
    constraint system_config_max_live_holds_check check (max_live_holds between 1 and 20),
    constraint system_config_cooldown_check
        check (cooldown_after_expired_holds between 1 and 100 and cooldown_minutes between 1 and 1440),
    constraint system_config_ttl_check check (consultation_ttl_hours between 1 and 720),
    constraint system_config_sms_confirmed_check
        check (app.is_sms_template(sms_confirmed_template) and sms_confirmed_template like '%{date}%'),
    constraint system_config_sms_slot_lost_check check (app.is_sms_template(sms_slot_lost_template)),
    constraint system_config_sms_moved_check check (app.is_sms_template(sms_moved_template, is_move => true)),
    constraint system_config_sms_canceled_check check (app.is_sms_template(sms_canceled_template)),
    constraint system_config_sms_reminder_check check (app.is_sms_template(sms_reminder_template)),
    constraint system_config_reminder_minutes_check check (reminder_minutes between 10 and 10080)
);

insert into app.system_config default values;

create trigger system_config_100_touch before update on app.system_config
    for each row execute function app.tg__touch();

alter table app.system_config enable row level security;
alter table app.system_config force row level security;
create policy system_config_all_owner on app.system_config to app_owner using (true) with check (true);
create policy system_config_select_admin on app.system_config for select to app_admin using (true);

grant select on app.system_config to app_admin;

comment on table app.system_config is 'The clinic''s settings, one row.';
comment on column app.system_config.tz is 'IANA zone in which days, hours and weekdays are meant.';
comment on column app.system_config.open_weekdays is
    'ISO weekday numbers, Monday = 1 to Sunday = 7; {6,1,3} is Saturday, Monday, Wednesday.';
comment on column app.system_config.configured_at is
    'When the environment gave the first values; it is not read again after that.';
comment on column app.system_config.payment_window_minutes is
    'From the moment the owner is sent to the gateway; the hold is extended to it once.';
comment on column app.system_config.price_toman is
    'At most 100,000,000 toman, Zarinpal''s limit for one payment (its error -41).';
comment on column app.system_config.sms_confirmed_template is
    'The placeholders of this and the other templates, and what is refused: docs/sms.md.';
comment on column app.system_config.reminder_minutes is
    'How long before an appointment its owner is reminded: ten minutes to a week; null is not at all.';
-- end of sql/app/config/system_config.sql

-- from sql/app/doctors/assigned_consultations.sql
-- What a doctor may see, for all policies at once. Definer, because policies that looked at each other's tables would
-- recurse; PL/pgSQL, because the tables are made after the policies that use this.
create or replace function app.assigned_consultations()
returns table (consultation_id uuid, user_id uuid, pet_id uuid)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return query
    select c.id, c.user_id, c.pet_id
    from app.appointments a
    join app.consultations c on c.id = a.consultation_id
    where a.doctor_id = app.current_doctor_id() and a.status <> 'CANCELED';
end
$$;

comment on function app.assigned_consultations() is 'The consultations in which the signed-in doctor has the appointment.';
grant execute on function app.assigned_consultations() to app_doctor;
-- end of sql/app/doctors/assigned_consultations.sql

-- from sql/app/identity/normalize_mobile.sql
-- The forms in which people type an Iranian mobile: 09…, 9…, +989…, 00989…, with spaces, with Persian or Arabic digits.
-- Nine digits after the 9 and no list of operators' prefixes: those change.
create or replace function app.normalize_mobile(mobile text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
    select '0' || substring(
        regexp_replace(app.latin_digits(mobile), '[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069]', '', 'g')
        from '^(?:\+98|0098|0)?(9[0-9]{9})$')
$$;

comment on function app.normalize_mobile(text) is 'The mobile as 09… (11 digits); null when it is not one.';
grant execute on function app.normalize_mobile(text) to sidecar, app_admin;
-- end of sql/app/identity/normalize_mobile.sql

-- from sql/app/doctors/tg_users__over_capacity.sql
create or replace function app.tg_users__over_capacity()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_ids uuid[] := array(
        select d.id
        from new_rows n
        join old_rows o on o.id = n.id
        join app.doctors d on d.user_id = n.id
        where o.is_active and o.role = 'DOCTOR' and not (n.is_active and n.role = 'DOCTOR')
        order by d.id);
begin
    if v_ids <> '{}' then
        perform app.lock_doctors();
        perform app.report_over_capacity(
            array_fill(tstzrange(clock_timestamp(), 'infinity'), array[cardinality(v_ids)]), v_ids);
    end if;
    return null;
end
$$;

comment on function app.tg_users__over_capacity() is
    'Reports the confirmed appointments that exceed the capacity without the doctors whose account was closed or changed.';
-- end of sql/app/doctors/tg_users__over_capacity.sql

-- from sql/app/identity/users.sql
-- People. The password hash is in app.credentials, so that no grant on this table can leak it.
create table app.users (
    id uuid not null default app.new_id(),
    role app.user_role not null default 'USER',
    name text not null,
    mobile text not null,
    is_active boolean not null default true,
    last_login_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint users_pkey primary key (id),
    constraint users_mobile_key unique (mobile),
    constraint users_mobile_check check (mobile ~ '^09[0-9]{9}$'),
    constraint users_name_check check (name = btrim(name) and length(name) between 1 and 100)
);

create trigger users_100_touch before update on app.users
    for each row execute function app.tg__touch();
create trigger users_600_over_capacity after update on app.users
    referencing old table as old_rows new table as new_rows
    for each statement execute function app.tg_users__over_capacity();

alter table app.users enable row level security;
alter table app.users force row level security;
create policy users_all_owner on app.users to app_owner using (true) with check (true);
create policy users_select_user on app.users for select to app_user using (id = (select app.current_user_id()));
create policy users_select_doctor on app.users for select to app_doctor using (
    id = (select app.current_user_id())
    or id = any (array(select a.user_id from app.assigned_consultations() a))
);
create policy users_select_admin on app.users for select to app_admin using (true);

grant select on app.users to app_user, app_doctor, app_admin;

comment on table app.users is 'Pet owners, doctors and admins.';
comment on column app.users.mobile is 'Canonical: 09 and nine digits (see app.normalize_mobile).';
-- end of sql/app/identity/users.sql

-- from sql/app/identity/credentials.sql
-- Argon2id hashes, computed by the sidecar. Nobody but the functions of schema sidecar can read this table.
create table app.credentials (
    user_id uuid not null,
    password_hash text not null,
    updated_at timestamptz not null default clock_timestamp(),
    constraint credentials_pkey primary key (user_id),
    constraint credentials_user_id_fkey foreign key (user_id) references app.users (id),
    constraint credentials_password_hash_check check (password_hash like '$argon2id$%')
);

create trigger credentials_100_touch before update on app.credentials
    for each row execute function app.tg__touch();

alter table app.credentials enable row level security;
alter table app.credentials force row level security;
create policy credentials_all_owner on app.credentials to app_owner using (true) with check (true);

comment on table app.credentials is 'Password hashes, apart from the people they belong to.';
-- end of sql/app/identity/credentials.sql

-- from sql/app/identity/sessions.sql
-- One row a sign-in. The access token carries its id (sid), and every request looks it up: a session ends at once.
create table app.sessions (
    id uuid not null default app.new_id(),
    user_id uuid not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint sessions_pkey primary key (id),
    constraint sessions_user_id_fkey foreign key (user_id) references app.users (id)
);

create index sessions_user_id_idx on app.sessions (user_id);
create index sessions_expires_at_idx on app.sessions (expires_at);

create trigger sessions_100_touch before update on app.sessions
    for each row execute function app.tg__touch();

alter table app.sessions enable row level security;
alter table app.sessions force row level security;
create policy sessions_all_owner on app.sessions to app_owner using (true) with check (true);

comment on table app.sessions is 'Sign-ins that live until they expire, are signed out of, or are revoked.';
-- end of sql/app/identity/sessions.sql

-- from sql/app/identity/refresh_tokens.sql
-- A chain of tokens a session, each used once. A used one shown again means that somebody else has a copy.
create table app.refresh_tokens (
    id uuid not null default app.new_id(),
    session_id uuid not null,
    used_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    constraint refresh_tokens_pkey primary key (id),
    constraint refresh_tokens_session_id_fkey
        foreign key (session_id) references app.sessions (id) on delete cascade
);

create index refresh_tokens_session_id_idx on app.refresh_tokens (session_id);
create unique index refresh_tokens_unused_key on app.refresh_tokens (session_id) where used_at is null;

alter table app.refresh_tokens enable row level security;
alter table app.refresh_tokens force row level security;
create policy refresh_tokens_all_owner on app.refresh_tokens to app_owner using (true) with check (true);

comment on table app.refresh_tokens is 'Refresh tokens by their id (jti); the token itself is signed, not stored.';
-- end of sql/app/identity/refresh_tokens.sql

-- from sql/app/identity/sign_in_attempts.sql
-- The moments of the latest attempts per mobile and address: counted here so that replicas of the sidecar agree.
create table app.sign_in_attempts (
    mobile text not null,
    ip text not null,
    attempted_at timestamptz[] not null default '{}',
    updated_at timestamptz not null default clock_timestamp(),
    constraint sign_in_attempts_pkey primary key (mobile, ip)
);

create index sign_in_attempts_updated_at_idx on app.sign_in_attempts (updated_at);

alter table app.sign_in_attempts enable row level security;
alter table app.sign_in_attempts force row level security;
create policy sign_in_attempts_all_owner on app.sign_in_attempts to app_owner using (true) with check (true);

comment on table app.sign_in_attempts is 'Sliding window of sign-in attempts, five a minute per mobile and address.';
-- end of sql/app/identity/sign_in_attempts.sql

-- from sql/app/identity/database_role.sql
create or replace function app.database_role(role app.user_role)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    select 'app_' || lower(role::text)
$$;

comment on function app.database_role(app.user_role) is 'The PostgreSQL role that a person of this role works as.';
-- end of sql/app/identity/database_role.sql

-- from sql/app/identity/live_sessions.sql
create or replace view app.live_sessions with (security_invoker = true) as
select s.id, s.user_id, app.database_role(u.role) as role
from app.sessions s
join app.users u on u.id = s.user_id
where s.revoked_at is null and s.expires_at > clock_timestamp() and u.is_active;

comment on view app.live_sessions is 'Sessions whose tokens are accepted, and the database role that these must name.';
-- end of sql/app/identity/live_sessions.sql

-- from sql/app/identity/check_request.sql
-- PostgREST's db-pre-request, and the sidecar's first statement for a caller. It runs before every request, READ ONLY
-- on GET: two look-ups by primary key and nothing else. PostgREST itself accepts tokens without exp or aud, and knows
-- nothing of sessions; a token with sub but without a role would run as anon with claims.
create or replace function app.check_request()
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_claims jsonb := app.claims();
begin
    perform set_config('timezone', c.tz, true) from app.system_config c;
    if v_claims ->> 'sub' is null and coalesce(v_claims ->> 'role', 'anon') = 'anon' then
        return;
    end if;
    if not coalesce(v_claims ?& array['sub', 'role', 'sid', 'exp', 'aud'], false) or not exists (
        select from app.live_sessions l
        where l.id = (v_claims ->> 'sid')::uuid
          and l.user_id = (v_claims ->> 'sub')::uuid
          and l.role = v_claims ->> 'role'
    ) then
        perform app.fail('UNAUTHENTICATED', 'This session has ended. Sign in again.');
    end if;
end
$$;

comment on function app.check_request() is
    'Refuses the request with UNAUTHENTICATED unless it is anonymous or its session lives; sets the clinic''s time zone.';
grant execute on function app.check_request() to anon, app_user, app_doctor, app_admin, sidecar;
-- end of sql/app/identity/check_request.sql

-- from sql/app/doctors/tg_doctors__lock.sql
create or replace function app.tg_doctors__lock()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.lock_doctors();
    return null;
end
$$;

comment on function app.tg_doctors__lock() is 'Locks in order of id before an update locks in any order.';
-- end of sql/app/doctors/tg_doctors__lock.sql

-- from sql/app/doctors/tg_doctors__over_capacity.sql
create or replace function app.tg_doctors__over_capacity()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_ids uuid[] := array(
        select n.id from new_rows n join old_rows o on o.id = n.id where o.is_active and not n.is_active order by n.id);
begin
    if v_ids <> '{}' then
        perform app.report_over_capacity(
            array_fill(tstzrange(clock_timestamp(), 'infinity'), array[cardinality(v_ids)]), v_ids);
    end if;
    return null;
end
$$;

comment on function app.tg_doctors__over_capacity() is
    'Reports the confirmed appointments that exceed the capacity without the doctors who were deactivated.';
-- end of sql/app/doctors/tg_doctors__over_capacity.sql

-- from sql/app/doctors/doctors.sql
-- A doctor is a person with role DOCTOR and a row here. Capacity follows these rows at once (app.available_doctors).
create table app.doctors (
    id uuid not null default app.new_id(),
    user_id uuid not null,
    display_name text not null,
    is_active boolean not null default true,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint doctors_pkey primary key (id),
    constraint doctors_user_id_key unique (user_id),
    constraint doctors_user_id_fkey foreign key (user_id) references app.users (id),
    constraint doctors_display_name_check check (length(btrim(display_name)) between 1 and 100)
);

create trigger doctors_100_touch before update on app.doctors
    for each row execute function app.tg__touch();
create trigger doctors_050_lock before update of is_active on app.doctors
    for each statement execute function app.tg_doctors__lock();
create trigger doctors_600_over_capacity after update on app.doctors
    referencing old table as old_rows new table as new_rows
    for each statement execute function app.tg_doctors__over_capacity();

alter table app.doctors enable row level security;
alter table app.doctors force row level security;
create policy doctors_all_owner on app.doctors to app_owner using (true) with check (true);
create policy doctors_select_signed_in on app.doctors for select to app_user, app_doctor, app_admin using (true);

-- NOTE: user_id is not granted to owners and doctors: they see a name, not an account.
grant select (id, display_name, is_active) on app.doctors to app_user, app_doctor;
grant select on app.doctors to app_admin;

comment on table app.doctors is 'Veterinarians who take calls.';
-- end of sql/app/doctors/doctors.sql

-- from sql/app/doctors/tg_doctor_absences__over_capacity.sql
create or replace function app.tg_doctor_absences__over_capacity()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_spans tstzrange[];
    v_doctor_ids uuid[];
begin
    if tg_op = 'INSERT' then
        select array_agg(tstzrange(n.start_at, n.end_at) order by n.id), array_agg(n.doctor_id order by n.id)
        into v_spans, v_doctor_ids
        from new_rows n;
    else
        select array_agg(r.span order by n.id, r.span), array_agg(n.doctor_id order by n.id, r.span)
        into v_spans, v_doctor_ids
        from new_rows n
        left join old_rows o on o.id = n.id and o.doctor_id = n.doctor_id
        cross join lateral unnest(tstzmultirange(tstzrange(n.start_at, n.end_at))
            - case when o.id is null then '{}' else tstzmultirange(tstzrange(o.start_at, o.end_at)) end) as r (span);
    end if;
    if v_spans is not null then
        perform app.lock_doctors();
        perform app.report_over_capacity(v_spans, v_doctor_ids);
    end if;
    return null;
end
$$;

comment on function app.tg_doctor_absences__over_capacity() is
    'Reports the confirmed appointments that exceed the capacity in what is newly an absence.';
-- end of sql/app/doctors/tg_doctor_absences__over_capacity.sql

-- from sql/app/doctors/doctor_absences.sql
create table app.doctor_absences (
    id uuid not null default app.new_id(),
    doctor_id uuid not null,
    start_at timestamptz not null,
    end_at timestamptz not null,
    reason text,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint doctor_absences_pkey primary key (id),
    constraint doctor_absences_doctor_id_fkey foreign key (doctor_id) references app.doctors (id),
    constraint doctor_absences_span_check check (end_at > start_at)
);

create index doctor_absences_doctor_id_idx on app.doctor_absences (doctor_id, end_at);

create trigger doctor_absences_100_touch before update on app.doctor_absences
    for each row execute function app.tg__touch();
create trigger doctor_absences_600_over_capacity after insert on app.doctor_absences
    referencing new table as new_rows
    for each statement execute function app.tg_doctor_absences__over_capacity();
create trigger doctor_absences_610_over_capacity after update on app.doctor_absences
    referencing old table as old_rows new table as new_rows
    for each statement execute function app.tg_doctor_absences__over_capacity();

alter table app.doctor_absences enable row level security;
alter table app.doctor_absences force row level security;
create policy doctor_absences_all_owner on app.doctor_absences to app_owner using (true) with check (true);
create policy doctor_absences_select_admin on app.doctor_absences for select to app_admin using (true);

grant select on app.doctor_absences to app_admin;

comment on table app.doctor_absences is 'A doctor''s time off: who overlaps a slot does not count for its capacity.';
-- end of sql/app/doctors/doctor_absences.sql

-- from sql/app/doctors/tg_closures__over_capacity.sql
create or replace function app.tg_closures__over_capacity()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_closed tstzrange[];
begin
    if tg_op = 'INSERT' then
        v_closed := array(select tstzrange(n.start_at, n.end_at) from new_rows n);
    else
        v_closed := array(
            select unnest(tstzmultirange(tstzrange(n.start_at, n.end_at)) - tstzmultirange(tstzrange(o.start_at, o.end_at)))
            from new_rows n join old_rows o on o.id = n.id);
    end if;
    if v_closed <> '{}' then
        perform app.lock_doctors();
        perform app.report_over_capacity(v_closed);
    end if;
    return null;
end
$$;

comment on function app.tg_closures__over_capacity() is 'Reports the confirmed appointments in what is newly closed.';
-- end of sql/app/doctors/tg_closures__over_capacity.sql

-- from sql/app/doctors/closures.sql
create table app.closures (
    id uuid not null default app.new_id(),
    start_at timestamptz not null,
    end_at timestamptz not null,
    reason text not null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint closures_pkey primary key (id),
    constraint closures_span_check check (end_at > start_at),
    constraint closures_reason_check check (length(btrim(reason)) between 1 and 200)
);

create index closures_end_at_idx on app.closures (end_at);

create trigger closures_100_touch before update on app.closures
    for each row execute function app.tg__touch();
create trigger closures_600_over_capacity after insert on app.closures
    referencing new table as new_rows
    for each statement execute function app.tg_closures__over_capacity();
create trigger closures_610_over_capacity after update on app.closures
    referencing old table as old_rows new table as new_rows
    for each statement execute function app.tg_closures__over_capacity();

alter table app.closures enable row level security;
alter table app.closures force row level security;
create policy closures_all_owner on app.closures to app_owner using (true) with check (true);
create policy closures_select_admin on app.closures for select to app_admin using (true);

grant select on app.closures to app_admin;

comment on table app.closures is 'Ranges in which the clinic takes no calls; a slot that overlaps one is not offered.';
-- end of sql/app/doctors/closures.sql

-- from sql/app/doctors/lock_doctors.sql
-- Whoever confirms an appointment, and whoever takes doctors away, passes here: either the confirmation sees that the
-- doctor is gone, or the report of what is now over capacity sees the confirmation. In order of id, last of all locks.
create or replace function app.lock_doctors()
returns void
language plpgsql
set search_path = ''
as $$
begin
    perform from app.doctors d where d.is_active order by d.id for no key update;
end
$$;

comment on function app.lock_doctors() is 'Locks the active doctors: no call is given to anybody until the transaction ends.';
-- end of sql/app/doctors/lock_doctors.sql

-- from sql/app/doctors/current_doctor_id.sql
-- Definer, because policies use it: a policy that read app.doctors itself would need user_id granted to doctors.
create or replace function app.current_doctor_id()
returns uuid
language sql
stable
security definer
set search_path = ''
as $$
    select d.id from app.doctors d where d.user_id = app.current_user_id()
$$;

comment on function app.current_doctor_id() is 'The signed-in person''s id as a doctor; null for others.';
grant execute on function app.current_doctor_id() to app_doctor;
-- end of sql/app/doctors/current_doctor_id.sql

-- from sql/app/doctors/active_doctors.sql
-- The person's state is asked doctor by doctor, in a subselect: as a join, the planner may read all people in the order
-- of their ids to meet three doctors (a merge join, 17 ms with 60,000 people).
create or replace view app.active_doctors with (security_invoker = true) as
select d.id, d.user_id, d.display_name
from app.doctors d
where d.is_active and (select u.is_active and u.role = 'DOCTOR' from app.users u where u.id = d.user_id);

comment on view app.active_doctors is 'Who takes calls at all: the doctor and the person are active, and the role is DOCTOR.';
-- end of sql/app/doctors/active_doctors.sql

-- from sql/app/doctors/available_doctors.sql
-- The one definition of who can take a call, and so of a slot's capacity (app.slot_availability counts the same for
-- many slots at once). No SET clause, so that it is inlined.
create or replace function app.available_doctors(start_at timestamptz, end_at timestamptz)
returns setof app.active_doctors
language sql
stable
as $$
    select d.*
    from app.active_doctors d
    where not exists (
        select from app.doctor_absences b
        where b.doctor_id = d.id
          and b.start_at < available_doctors.end_at
          and b.end_at > available_doctors.start_at
    )
$$;

comment on function app.available_doctors(timestamptz, timestamptz) is
    'The active doctors who are not absent in any part of the range.';
-- end of sql/app/doctors/available_doctors.sql

-- from sql/app/pets/pets.sql
create table app.pets (
    id uuid not null default app.new_id(),
    user_id uuid not null,
    type app.pet_type not null,
    name text not null,
    breed text,
    gender app.pet_gender not null default 'UNKNOWN',
    neutered boolean,
    birth_date date,
    deleted_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint pets_pkey primary key (id),
    constraint pets_id_user_id_key unique (id, user_id),
    constraint pets_user_id_fkey foreign key (user_id) references app.users (id),
    constraint pets_name_check check (length(btrim(name)) between 1 and 100),
    constraint pets_breed_check check (length(btrim(breed)) between 1 and 100)
);

create index pets_user_id_idx on app.pets (user_id, id);

create trigger pets_100_touch before update on app.pets
    for each row execute function app.tg__touch();

alter table app.pets enable row level security;
alter table app.pets force row level security;
create policy pets_all_owner on app.pets to app_owner using (true) with check (true);
create policy pets_select_user on app.pets for select to app_user using (user_id = (select app.current_user_id()));
create policy pets_select_doctor on app.pets for select to app_doctor using (
    id = any (array(select a.pet_id from app.assigned_consultations() a))
);
create policy pets_select_admin on app.pets for select to app_admin using (true);

-- NOTE: no insert, update or delete is granted: pets are written through the functions of schema api.
grant select on app.pets to app_user, app_doctor, app_admin;

comment on table app.pets is 'The animals. Deleting one hides it (deleted_at): consultations still speak of it.';
comment on column app.pets.neutered is 'null: not known.';
-- end of sql/app/pets/pets.sql

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
    new.expires_at := case when new.status in ('DRAFT', 'DETAILS_SUBMITTED') then (
        select clock_timestamp() + make_interval(hours => c.consultation_ttl_hours) from app.system_config c
    ) end;
    return new;
end
$$;

comment on function app.tg_consultations__expiry() is
    'Starts the clock on the entry into DRAFT or DETAILS_SUBMITTED and stops it on leaving them.';
-- end of sql/app/consultations/tg_consultations__expiry.sql

-- from sql/app/consultations/tg_consultations__paid_first.sql
create or replace function app.tg_consultations__paid_first()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if not exists (
        select from app.payments p where p.consultation_id = new.id and p.status = 'VERIFIED'
    ) then
        perform app.fail('INVALID_STATE', 'No verified payment stands behind this consultation.');
    end if;
    return null;
end
$$;

comment on function app.tg_consultations__paid_first() is
    'PAID and SCHEDULED are never reached without a VERIFIED payment, whoever tries.';
-- end of sql/app/consultations/tg_consultations__paid_first.sql

-- from sql/app/consultations/consultations.sql
-- One request for a call, from its first word to its end. Its row is the lock for everything that belongs to it:
-- appointments and payments change only while it is held FOR NO KEY UPDATE.
create table app.consultations (
    id uuid not null default app.new_id(),
    user_id uuid not null,
    pet_id uuid not null,
    type app.consultation_type not null default 'SPECIALIST',
    status app.consultation_status not null default 'DRAFT',
    base_price_toman bigint not null,
    currency app.currency not null default 'TOMAN',
    message_text text,
    voice_media_id uuid,
    expires_at timestamptz,
    version integer not null default 1,
    deleted_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint consultations_pkey primary key (id),
    constraint consultations_id_user_id_key unique (id, user_id),
    constraint consultations_pet_id_fkey foreign key (pet_id, user_id) references app.pets (id, user_id),
    constraint consultations_base_price_check check (base_price_toman > 0),
    constraint consultations_message_text_check check (length(btrim(message_text)) between 20 and 5000),
    constraint consultations_expires_at_check
        check ((expires_at is not null) = (status in ('DRAFT', 'DETAILS_SUBMITTED')))
);

create index consultations_user_id_idx on app.consultations (user_id, created_at desc, id desc);
create index consultations_pet_id_idx on app.consultations (pet_id, user_id);
create index consultations_voice_media_id_idx on app.consultations (voice_media_id) where voice_media_id is not null;
create index consultations_expires_at_idx on app.consultations (expires_at) where expires_at is not null;

create trigger consultations_100_touch before update on app.consultations
    for each row execute function app.tg__touch();
create trigger consultations_110_version before update on app.consultations
    for each row execute function app.tg__version();
create trigger consultations_120_expiry before insert or update of status on app.consultations
    for each row execute function app.tg_consultations__expiry();
create trigger consultations_500_first_state after insert on app.consultations
    for each row execute function app.tg__transition('consultation', 'base_price_toman');
create trigger consultations_510_transition after update on app.consultations
    for each row when (old.status is distinct from new.status)
    execute function app.tg__transition('consultation');
create trigger consultations_520_paid_first after update on app.consultations
    for each row when (new.status in ('PAID', 'SCHEDULED') and old.status is distinct from new.status)
    execute function app.tg_consultations__paid_first();

alter table app.consultations enable row level security;
alter table app.consultations force row level security;
create policy consultations_all_owner on app.consultations to app_owner using (true) with check (true);
create policy consultations_select_user on app.consultations for select to app_user
    using (user_id = (select app.current_user_id()));
create policy consultations_select_doctor on app.consultations for select to app_doctor using (
    id = any (array(select a.consultation_id from app.assigned_consultations() a))
);
create policy consultations_select_admin on app.consultations for select to app_admin using (true);

grant select on app.consultations to app_user, app_doctor, app_admin;

comment on table app.consultations is 'Requests for a consultation by telephone.';
comment on column app.consultations.base_price_toman is 'The price of the day it was made: what will be charged.';
comment on column app.consultations.expires_at is
    'Runs from the entry into DRAFT or DETAILS_SUBMITTED; null in every other state.';
-- end of sql/app/consultations/consultations.sql

-- from sql/app/media/media.sql
-- Files that were checked and belong to a consultation. The bytes lie in the object store under object_key, which says
-- nothing about their owner.
create table app.media (
    id uuid not null default app.new_id(),
    consultation_id uuid not null,
    owner_user_id uuid not null,
    category app.media_category not null,
    purpose app.media_purpose not null,
    object_key text not null,
    mime_type text not null,
    size_bytes bigint not null,
    duration_sec numeric(8, 2),
    width integer,
    height integer,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint media_pkey primary key (id),
    constraint media_id_consultation_id_key unique (id, consultation_id),
    constraint media_object_key_key unique (object_key),
    constraint media_consultation_id_fkey
        foreign key (consultation_id, owner_user_id) references app.consultations (id, user_id),
    constraint media_size_check check (size_bytes > 0),
    constraint media_duration_check check (duration_sec >= 0),
    constraint media_dimensions_check check (width > 0 and height > 0)
);

create index media_consultation_id_idx on app.media (consultation_id, owner_user_id);

-- The voice note is one of the consultation's own files.
alter table app.consultations add constraint consultations_voice_media_id_fkey
    foreign key (voice_media_id, id) references app.media (id, consultation_id);

create trigger media_100_touch before update on app.media
    for each row execute function app.tg__touch();

alter table app.media enable row level security;
alter table app.media force row level security;
create policy media_all_owner on app.media to app_owner using (true) with check (true);
create policy media_select_user on app.media for select to app_user
    using (owner_user_id = (select app.current_user_id()));
create policy media_select_doctor on app.media for select to app_doctor using (
    consultation_id = any (array(select a.consultation_id from app.assigned_consultations() a))
);
create policy media_select_admin on app.media for select to app_admin using (true);

-- NOTE: object_key is not granted: a file is reached by a signed link, never by its key.
grant select (
    id, consultation_id, owner_user_id, category, purpose, mime_type, size_bytes, duration_sec, width, height,
    created_at, updated_at
) on app.media to app_user, app_doctor, app_admin;

comment on table app.media is 'Voice notes, documents, images and videos of a consultation.';
-- end of sql/app/media/media.sql

-- from sql/app/slots/slots.sql
-- One row per slot that was ever held. Its capacity is the ceiling that the appointments' lanes are checked against
-- (G1); today's number of doctors may be lower, and then app.take_seat refuses before the ceiling does. A slot is
-- retired by capacity 0, so that a new grid may overlap it.
create table app.slots (
    id uuid not null default app.new_id(),
    start_at timestamptz not null,
    end_at timestamptz not null,
    capacity smallint not null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint slots_pkey primary key (id),
    constraint slots_span_check check (end_at > start_at and end_at - start_at <= interval '4 hours'),
    constraint slots_capacity_check check (capacity >= 0),
    constraint slots_seat_key unique (id, capacity, start_at, end_at),
    constraint slots_no_overlap_excl
        exclude using gist (tstzrange(start_at, end_at) with &&) where (capacity > 0)
);

create index slots_start_at_idx on app.slots (start_at);

create trigger slots_100_touch before update on app.slots
    for each row execute function app.tg__touch();

alter table app.slots enable row level security;
alter table app.slots force row level security;
create policy slots_all_owner on app.slots to app_owner using (true) with check (true);
create policy slots_select_admin on app.slots for select to app_admin using (true);

grant select on app.slots to app_admin;

comment on table app.slots is 'Half-hours (or what the grid was) that somebody held at least once.';
-- end of sql/app/slots/slots.sql

-- from sql/app/appointments/tg_appointments__assigned.sql
create or replace function app.tg_appointments__assigned()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if tg_op = 'INSERT' or old.doctor_id is distinct from new.doctor_id then
        perform app.audit('DOCTOR_ASSIGNED', 'appointment', new.id, jsonb_build_object(
            'doctor_id', new.doctor_id, 'reason', new.assignment_reason));
    end if;
    return null;
end
$$;

comment on function app.tg_appointments__assigned() is 'Logs every assignment of a doctor, with its reason.';
-- end of sql/app/appointments/tg_appointments__assigned.sql

-- from sql/app/appointments/appointments.sql
-- A seat in a slot. What makes overbooking impossible (G1): an occupying appointment has a lane, no two share one, a
-- lane lies between 1 and the slot's capacity, and the capacity and the times are the slot's own by foreign key. No
-- column of that key may be null: a foreign key with one null checks nothing. Occupying is every status but CANCELED,
-- in every index and check: completing early must not free a future seat.
create table app.appointments (
    id uuid not null default app.new_id(),
    consultation_id uuid not null,
    user_id uuid not null,
    slot_id uuid not null,
    slot_capacity smallint not null,
    lane smallint not null,
    doctor_id uuid,
    assigned_at timestamptz,
    assignment_reason jsonb,
    start_at timestamptz not null,
    end_at timestamptz not null,
    timezone text not null default 'Asia/Tehran',
    status app.appointment_status not null,
    hold_expires_at timestamptz,
    cancel_reason app.cancel_reason,
    outcome app.appointment_outcome,
    version integer not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint appointments_pkey primary key (id),
    constraint appointments_id_consultation_id_key unique (id, consultation_id),
    constraint appointments_consultation_id_fkey
        foreign key (consultation_id, user_id) references app.consultations (id, user_id),
    constraint appointments_seat_fkey
        foreign key (slot_id, slot_capacity, start_at, end_at)
        references app.slots (id, capacity, start_at, end_at) on update cascade,
    constraint appointments_doctor_id_fkey foreign key (doctor_id) references app.doctors (id),
    constraint appointments_lane_check check (status = 'CANCELED' or lane between 1 and slot_capacity),
    constraint appointments_hold_expires_at_check check (status <> 'HELD' or hold_expires_at is not null),
    constraint appointments_cancel_reason_check check (status = 'CANCELED' or cancel_reason is null),
    constraint appointments_doctor_check check (doctor_id is null or status <> 'HELD')
);

-- While all rows have one status, the planner would believe that no other exists, that "not canceled" is therefore empty,
-- and that reading such an index whole is free (docs/decisions/0004-plans-of-a-young-database.md).
alter table app.appointments alter column status set (n_distinct = 4);

-- G1: one appointment a lane.
create unique index appointments_lane_key on app.appointments (slot_id, lane) where status <> 'CANCELED';
-- G2: one doctor, one place. Slots that can be occupied never overlap, so that one slot at a time is one place.
create unique index appointments_doctor_key on app.appointments (slot_id, doctor_id) where status <> 'CANCELED';
-- G3: one live appointment a consultation.
create unique index appointments_live_key on app.appointments (consultation_id) where status in ('HELD', 'CONFIRMED');

create index appointments_consultation_id_idx on app.appointments (consultation_id, user_id);
create index appointments_user_id_idx on app.appointments (user_id, start_at desc);
create index appointments_doctor_id_idx on app.appointments (doctor_id, start_at) where doctor_id is not null;
create index appointments_assigned_at_idx on app.appointments (doctor_id, assigned_at)
    where doctor_id is not null and status <> 'CANCELED';
create index appointments_seat_idx on app.appointments (slot_id, slot_capacity, start_at, end_at);
create index appointments_start_at_idx on app.appointments (start_at) where status <> 'CANCELED';
create index appointments_hold_expires_at_idx on app.appointments (hold_expires_at) where status = 'HELD';

create trigger appointments_100_touch before update on app.appointments
    for each row execute function app.tg__touch();
-- Not when only the slot's capacity cascades: that changes nothing that anybody sees.
create trigger appointments_110_version before update on app.appointments
    for each row when (
        (old.slot_id, old.doctor_id, old.status, old.hold_expires_at, old.cancel_reason, old.outcome)
        is distinct from (new.slot_id, new.doctor_id, new.status, new.hold_expires_at, new.cancel_reason, new.outcome))
    execute function app.tg__version();
create trigger appointments_500_first_state after insert on app.appointments
    for each row execute function app.tg__transition('appointment', 'consultation_id', 'start_at');
create trigger appointments_510_transition after update on app.appointments
    for each row when (old.status is distinct from new.status)
    execute function app.tg__transition('appointment', 'consultation_id', 'start_at', 'cancel_reason', 'outcome');
create trigger appointments_520_assigned after insert or update of doctor_id on app.appointments
    for each row when (new.doctor_id is not null)
    execute function app.tg_appointments__assigned();

alter table app.appointments enable row level security;
alter table app.appointments force row level security;
create policy appointments_all_owner on app.appointments to app_owner using (true) with check (true);
create policy appointments_select_user on app.appointments for select to app_user
    using (user_id = (select app.current_user_id()));
create policy appointments_select_doctor on app.appointments for select to app_doctor
    using (doctor_id = (select app.current_doctor_id()));
create policy appointments_select_admin on app.appointments for select to app_admin using (true);

-- NOTE: owners do not see lanes or why a doctor was chosen.
grant select (
    id, consultation_id, user_id, doctor_id, start_at, end_at, timezone, status, hold_expires_at, outcome, version,
    created_at, updated_at
) on app.appointments to app_user, app_doctor;
grant select on app.appointments to app_admin;

comment on table app.appointments is 'Seats in slots: held for a payment, confirmed, completed or canceled.';
comment on column app.appointments.lane is 'Which of the slot''s seats, from 1 to its capacity.';
comment on column app.appointments.hold_expires_at is 'What every test for expiry reads, and nothing else.';
comment on column app.appointments.assignment_reason is 'Why this doctor: the policy and the figures it went by.';
-- end of sql/app/appointments/appointments.sql

-- from sql/app/payments/payments.sql
-- One row per attempt to pay. Closed is never closed for good, except VERIFIED: late truth wins. Nothing that has
-- touched a gateway is ever deleted.
create table app.payments (
    id uuid not null default app.new_id(),
    consultation_id uuid not null,
    appointment_id uuid not null,
    user_id uuid not null,
    nonce text not null default encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'hex'),
    provider app.payment_provider not null,
    amount_toman bigint not null,
    amount_rials bigint not null generated always as (amount_toman * 10) stored,
    authority text,
    ref_id text,
    card_pan text,
    status app.payment_status not null default 'INITIATED',
    expires_at timestamptz not null,
    paid_at timestamptz,
    settle_token uuid,
    settle_until timestamptz,
    settle_attempts integer not null default 0,
    next_inquiry_at timestamptz,
    raw_request jsonb,
    raw_response jsonb,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    seat_kept_at timestamptz,
    unclear_at timestamptz,
    constraint payments_pkey primary key (id),
    constraint payments_id_amount_toman_key unique (id, amount_toman),
    constraint payments_nonce_key unique (nonce),
    constraint payments_authority_key unique (provider, authority),
    constraint payments_consultation_id_fkey
        foreign key (consultation_id, user_id) references app.consultations (id, user_id),
    constraint payments_appointment_id_fkey
        foreign key (appointment_id, consultation_id) references app.appointments (id, consultation_id),
    constraint payments_amount_check check (amount_toman > 0),
    constraint payments_authority_check check (authority is not null or status not in ('PENDING', 'VERIFIED')),
    constraint payments_verified_check check (status <> 'VERIFIED' or (ref_id is not null and paid_at is not null))
);

-- G3: one open attempt a consultation.
create unique index payments_open_key on app.payments (consultation_id) where status in ('INITIATED', 'PENDING');

create index payments_consultation_id_idx on app.payments (consultation_id, user_id);
create index payments_appointment_id_idx on app.payments (appointment_id, consultation_id);
create index payments_user_id_idx on app.payments (user_id, id);
create index payments_next_inquiry_at_idx on app.payments (next_inquiry_at) where next_inquiry_at is not null;

create trigger payments_100_touch before update on app.payments
    for each row execute function app.tg__touch();
create trigger payments_200_keep before delete on app.payments
    for each row when (old.authority is not null) execute function app.tg__keep();
create trigger payments_210_keep_all before truncate on app.payments
    for each statement execute function app.tg__keep();
create trigger payments_500_first_state after insert on app.payments
    for each row execute function app.tg__transition('payment', 'consultation_id', 'appointment_id', 'amount_toman');
create trigger payments_510_transition after update on app.payments
    for each row when (old.status is distinct from new.status)
    execute function app.tg__transition('payment', 'consultation_id', 'amount_toman', 'ref_id');

alter table app.payments enable row level security;
alter table app.payments force row level security;
create policy payments_all_owner on app.payments to app_owner using (true) with check (true);
create policy payments_select_user on app.payments for select to app_user
    using (user_id = (select app.current_user_id()));
create policy payments_select_admin on app.payments for select to app_admin using (true);

-- NOTE: the nonce is not granted to anybody (it makes a callback genuine), nor what the gateway said verbatim.
grant select (
    id, consultation_id, appointment_id, user_id, provider, amount_toman, amount_rials, ref_id, card_pan, status,
    paid_at, created_at, updated_at
) on app.payments to app_user, app_doctor, app_admin;
-- NOTE: there is no policy for doctors: the view of consultations reads this table, and shows them no payment.

comment on table app.payments is 'Attempts to pay for a consultation.';
comment on column app.payments.appointment_id is 'The seat paid for.';
comment on column app.payments.nonce is 'Part of the callback URL: without it a callback closes nothing.';
comment on column app.payments.expires_at is 'Until then the owner may still be typing: the sweep only inquires.';
comment on column app.payments.settle_token is 'Who is asking the gateway right now, until settle_until (a lease).';
comment on column app.payments.seat_kept_at is 'When a callback kept or took back the seat while the gateway was asked: once.';
comment on column app.payments.unclear_at is 'When admins were told that the gateway refuses to say whether it was paid.';
comment on column app.payments.next_inquiry_at is 'When reconciliation asks again; null when there is nothing to ask.';
-- end of sql/app/payments/payments.sql

-- from sql/app/notifications/tg_notifications__announce.sql
-- A hint without content, once a statement: the streams read the table, and poll as well.
create or replace function app.tg_notifications__announce()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    perform pg_notify('notifications', '');
    return null;
end
$$;

comment on function app.tg_notifications__announce() is 'Wakes the notification streams when the transaction commits.';
-- end of sql/app/notifications/tg_notifications__announce.sql

-- from sql/app/notifications/notifications.sql
-- Ids and times are not in the order of commits; transaction_id lets a reader find exactly what was not visible to it
-- the last time (sidecar.follow_notifications).
create table app.notifications (
    id uuid not null default app.new_id(),
    target_role app.user_role not null,
    user_id uuid,
    type app.notification_type not null,
    payload jsonb not null default '{}',
    is_read boolean not null default false,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    transaction_id xid8 not null default pg_current_xact_id(),
    constraint notifications_pkey primary key (id),
    constraint notifications_user_id_fkey foreign key (user_id) references app.users (id),
    constraint notifications_target_check check (target_role = 'ADMIN' or user_id is not null)
);

create index notifications_user_id_idx on app.notifications (user_id, created_at desc, id desc);
create index notifications_admin_idx on app.notifications (created_at desc, id desc) where target_role = 'ADMIN';
create index notifications_transaction_id_idx on app.notifications (transaction_id);

create trigger notifications_100_touch before update on app.notifications
    for each row execute function app.tg__touch();
create trigger notifications_500_announce after insert on app.notifications
    for each statement execute function app.tg_notifications__announce();

alter table app.notifications enable row level security;
alter table app.notifications force row level security;
create policy notifications_all_owner on app.notifications to app_owner using (true) with check (true);
create policy notifications_select_own on app.notifications for select to app_user, app_doctor
    using (user_id = (select app.current_user_id()));
create policy notifications_select_admin on app.notifications for select to app_admin
    using (target_role = 'ADMIN');

grant select on app.notifications to app_user, app_doctor, app_admin;

comment on table app.notifications is 'News for one person, or for all admins (user_id null).';
comment on column app.notifications.transaction_id is 'Which transaction wrote it, in this cluster''s count.';
-- end of sql/app/notifications/notifications.sql

-- from sql/app/notifications/notify_admins.sql
create or replace function app.notify_admins(type app.notification_type, payload jsonb)
returns void
language sql
set search_path = ''
as $$
    insert into app.notifications (target_role, type, payload)
    values ('ADMIN', notify_admins.type, notify_admins.payload)
$$;

comment on function app.notify_admins(app.notification_type, jsonb) is 'One notification that every admin sees.';
-- end of sql/app/notifications/notify_admins.sql

-- from sql/app/doctors/affected_appointment.sql
create type app.affected_appointment as (
    appointment_id uuid,
    consultation_id uuid,
    status app.appointment_status,
    start_at timestamptz,
    doctor_id uuid,
    doctor_name text,
    owner_name text,
    owner_mobile text,
    why text,
    is_over_capacity boolean
);

comment on type app.affected_appointment is
    'What a closure, an absence or a deactivation means to one appointment: why is IN_CLOSURE, DOCTOR_AWAY (its own
doctor) or OVER_CAPACITY (another''s, but there are more calls then than doctors).';
-- end of sql/app/doctors/affected_appointment.sql

-- from sql/app/doctors/affected_appointments.sql
-- The same before the change, as a preview, and after it, for the report: who is away is left out of the doctors, whether
-- that is known to the tables already or not; without a doctor nobody is there. Held seats count for themselves only:
-- they may never be paid.
create or replace function app.affected_appointments(
    start_at timestamptz,
    end_at timestamptz,
    doctor_id uuid default null
)
returns setof app.affected_appointment
language sql
stable
set search_path = ''
as $$
    with live as (
        select a.* from app.appointments a
        where a.start_at > affected_appointments.start_at - interval '4 hours'
          and a.start_at < affected_appointments.end_at
          and a.end_at > greatest(affected_appointments.start_at, clock_timestamp())
          and (a.status = 'CONFIRMED' or a.status = 'HELD' and a.hold_expires_at > clock_timestamp())
    ), busy as (
        select l.slot_id, count(*) filter (where l.status = 'CONFIRMED') as confirmed, count(*) as taken, (
            select count(*) from app.available_doctors(l.start_at, l.end_at) d
            where d.id <> affected_appointments.doctor_id) as doctors
        from live l
        group by l.slot_id, l.start_at, l.end_at
    ), judged as (
        select l.*, case l.status when 'CONFIRMED' then b.confirmed else b.taken end > b.doctors as is_over
        from live l join busy b on b.slot_id = l.slot_id
    )
    select j.id, j.consultation_id, j.status, j.start_at, j.doctor_id, d.display_name, u.name, u.mobile, case
        when affected_appointments.doctor_id is null then 'IN_CLOSURE'
        when j.doctor_id = affected_appointments.doctor_id then 'DOCTOR_AWAY'
        else 'OVER_CAPACITY' end, j.is_over
    from judged j
    join app.users u on u.id = j.user_id
    left join app.doctors d on d.id = j.doctor_id
    where j.is_over or j.doctor_id = affected_appointments.doctor_id
    order by j.start_at, j.id
$$;

comment on function app.affected_appointments(timestamptz, timestamptz, uuid) is
    'The held and confirmed appointments that suffer when the doctor, or without one the clinic, is away in the range.';
-- end of sql/app/doctors/affected_appointments.sql

-- from sql/app/doctors/report_over_capacity.sql
create or replace function app.report_over_capacity(spans tstzrange[], doctor_ids uuid[] default '{}')
returns void
language sql
set search_path = ''
as $$
    with over as (
        select distinct on (a.start_at, a.appointment_id) a.*
        from unnest(spans, doctor_ids) as away (span, doctor_id)
        cross join lateral app.affected_appointments(lower(away.span), upper(away.span), away.doctor_id) a
        where a.status = 'CONFIRMED' and a.is_over_capacity
        order by a.start_at, a.appointment_id, a.why
    )
    select app.notify_admins('OVER_CAPACITY', jsonb_build_object('appointments', jsonb_agg(jsonb_build_object(
        'appointment_id', o.appointment_id, 'consultation_id', o.consultation_id, 'start_at', o.start_at,
        'doctor_id', o.doctor_id, 'why', o.why) order by o.start_at, o.appointment_id)))
    from over o
    having count(*) > 0
$$;

comment on function app.report_over_capacity(tstzrange[], uuid[]) is
    'Tells admins, once, which confirmed appointments exceed the capacity now that these doctors, or without any the
clinic, are away in these ranges (first doctor in the first range, and so on); nothing when none does.';
-- end of sql/app/doctors/report_over_capacity.sql

-- from sql/app/notifications/notify_user.sql
create or replace function app.notify_user(user_id uuid, type app.notification_type, payload jsonb)
returns void
language sql
set search_path = ''
as $$
    insert into app.notifications (target_role, user_id, type, payload)
    select u.role, u.id, notify_user.type, notify_user.payload from app.users u where u.id = notify_user.user_id
$$;

comment on function app.notify_user(uuid, app.notification_type, jsonb) is 'One notification for one person.';
-- end of sql/app/notifications/notify_user.sql

-- from sql/app/payments/tg_refunds__due.sql
create or replace function app.tg_refunds__due()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.notify_admins('REFUND_DUE', jsonb_build_object(
        'refund_id', new.id, 'payment_id', new.payment_id, 'amount_toman', new.amount_toman, 'reason', new.reason));
    return null;
end
$$;

comment on function app.tg_refunds__due() is 'Tells the admins that a refund became due.';
-- end of sql/app/payments/tg_refunds__due.sql

-- from sql/app/payments/refunds.sql
-- Money that must go back. At most one row a payment, and never more than was paid: both by constraint, the payment's
-- amount by foreign key.
create table app.refunds (
    id uuid not null default app.new_id(),
    payment_id uuid not null,
    payment_amount_toman bigint not null,
    amount_toman bigint not null,
    reason app.refund_reason not null,
    status app.refund_status not null default 'DUE',
    reference text,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    settle_token uuid,
    settle_until timestamptz,
    asked_at timestamptz,
    gateway_code integer,
    constraint refunds_pkey primary key (id),
    constraint refunds_payment_id_key unique (payment_id),
    constraint refunds_payment_id_fkey
        foreign key (payment_id, payment_amount_toman) references app.payments (id, amount_toman),
    constraint refunds_amount_check check (amount_toman between 1 and payment_amount_toman),
    constraint refunds_reference_check check (status <> 'TRANSFERRED' or reference is not null)
);

create index refunds_payment_id_idx on app.refunds (payment_id, payment_amount_toman);
create index refunds_due_idx on app.refunds (created_at) where status = 'DUE';

create trigger refunds_100_touch before update on app.refunds
    for each row execute function app.tg__touch();
create trigger refunds_500_first_state after insert on app.refunds
    for each row execute function app.tg__transition('refund', 'payment_id', 'amount_toman', 'reason');
create trigger refunds_510_transition after update on app.refunds
    for each row when (old.status is distinct from new.status)
    execute function app.tg__transition('refund', 'payment_id', 'amount_toman', 'reason', 'gateway_code');
create trigger refunds_520_due after insert on app.refunds
    for each row execute function app.tg_refunds__due();

alter table app.refunds enable row level security;
alter table app.refunds force row level security;
create policy refunds_all_owner on app.refunds to app_owner using (true) with check (true);
create policy refunds_select_user on app.refunds for select to app_user using (
    payment_id = any (array(select p.id from app.payments p where p.user_id = (select app.current_user_id())))
);
create policy refunds_select_admin on app.refunds for select to app_admin using (true);

grant select (
    id, payment_id, payment_amount_toman, amount_toman, reason, status, reference, created_at, updated_at
) on app.refunds to app_user;
grant select on app.refunds to app_admin;

comment on table app.refunds is 'Refunds: due, reversed by the gateway, or transferred by hand with a reference.';
comment on column app.refunds.settle_token is 'Who is asking the gateway right now, until settle_until (a lease).';
comment on column app.refunds.asked_at is 'When the gateway was asked to reverse; with no gateway_code its answer is not known.';
comment on column app.refunds.gateway_code is 'Why the gateway did not reverse it: the money must be transferred by hand.';
-- end of sql/app/payments/refunds.sql

-- from sql/app/payments/mock_bank_sessions.sql
-- The books of the mock gateway, a stand-in for Zarinpal's in development and tests. In the database, so that
-- replicas of the sidecar and restarts agree about them. Empty where the mock is off.
create table app.mock_bank_sessions (
    authority text not null,
    payment_id uuid not null,
    amount_toman bigint not null,
    callback_url text not null,
    status text not null default 'IN_BANK',
    ref_id bigint generated always as identity (start with 10000000001),
    created_at timestamptz not null default clock_timestamp(),
    constraint mock_bank_sessions_pkey primary key (authority),
    constraint mock_bank_sessions_payment_id_key unique (payment_id),
    constraint mock_bank_sessions_payment_id_fkey foreign key (payment_id) references app.payments (id),
    constraint mock_bank_sessions_status_check
        check (status in ('IN_BANK', 'PAID', 'VERIFIED', 'FAILED', 'REVERSED'))
);

alter table app.mock_bank_sessions enable row level security;
alter table app.mock_bank_sessions force row level security;
create policy mock_bank_sessions_all_owner on app.mock_bank_sessions to app_owner using (true) with check (true);

comment on table app.mock_bank_sessions is 'The mock gateway''s side of a payment.';
-- end of sql/app/payments/mock_bank_sessions.sql

-- from sql/app/payments/unknown_authorities.sql
-- What a gateway lists as paid and unverified and we never asked for: another shop on the same merchant id, or a loss
-- of ours. One row, and one notification, an authority.
create table app.unknown_authorities (
    provider app.payment_provider not null,
    authority text not null,
    created_at timestamptz not null default clock_timestamp(),
    constraint unknown_authorities_pkey primary key (provider, authority)
);

alter table app.unknown_authorities enable row level security;
alter table app.unknown_authorities force row level security;
create policy unknown_authorities_all_owner on app.unknown_authorities to app_owner using (true) with check (true);
create policy unknown_authorities_select_admin on app.unknown_authorities for select to app_admin using (true);

grant select on app.unknown_authorities to app_admin;

comment on table app.unknown_authorities is 'Authorities that a gateway holds money under and that are not ours.';
-- end of sql/app/payments/unknown_authorities.sql

-- from sql/app/payments/unverified_lists.sql
create table app.unverified_lists (
    provider app.payment_provider not null,
    read_at timestamptz not null,
    constraint unverified_lists_pkey primary key (provider)
);

alter table app.unverified_lists enable row level security;
alter table app.unverified_lists force row level security;
create policy unverified_lists_all_owner on app.unverified_lists to app_owner using (true) with check (true);

comment on table app.unverified_lists is
    'When each gateway''s list of unverified payments was read last, so that one sidecar of many reads it.';
-- end of sql/app/payments/unverified_lists.sql

-- from sql/app/sms/tg_sms_messages__announce.sql
-- A hint without content, once a statement: workers poll as well.
create or replace function app.tg_sms_messages__announce()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    perform pg_notify('sms_queued', '');
    return null;
end
$$;

comment on function app.tg_sms_messages__announce() is 'Wakes the workers when the transaction commits.';
-- end of sql/app/sms/tg_sms_messages__announce.sql

-- from sql/app/sms/sms_messages.sql
-- The outbox: written in the transaction that caused it, once per event and subject, sent by whichever worker claims
-- it. number is what providers take for de-duplication (Kavenegar's localid is a Long).
create table app.sms_messages (
    id uuid not null default app.new_id(),
    number bigint generated always as identity,
    event text not null,
    subject text not null,
    recipient text not null,
    body text not null,
    status app.sms_status not null default 'QUEUED',
    provider text,
    provider_message_id text,
    error text,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default clock_timestamp(),
    claimed_by text,
    sent_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz,
    delivery app.sms_delivery,
    delivery_due_at timestamptz,
    constraint sms_messages_pkey primary key (id),
    constraint sms_messages_number_key unique (number),
    constraint sms_messages_event_subject_key unique (event, subject),
    constraint sms_messages_recipient_check check (recipient ~ '^09[0-9]{9}$'),
    constraint sms_messages_body_check check (length(body) between 1 and 900),
    constraint sms_messages_delivery_check check (delivery is null or status = 'SENT'),
    constraint sms_messages_delivery_due_check check (delivery_due_at is null or delivery = 'PENDING')
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);

-- Another database of ours may use the same account of the provider (this one before a reset, a staging server): each
-- begins where no other has been, at the microsecond of its making.
select setval('app.sms_messages_number_seq', extract(epoch from clock_timestamp())::bigint * 1000000);

create index sms_messages_queue_idx on app.sms_messages (next_attempt_at) where status = 'QUEUED';
create index sms_messages_expires_at_idx on app.sms_messages (expires_at)
    where status = 'QUEUED' and expires_at is not null;
create index sms_messages_delivery_due_at_idx on app.sms_messages (delivery_due_at) where delivery_due_at is not null;

create trigger sms_messages_100_touch before update on app.sms_messages
    for each row execute function app.tg__touch();
create trigger sms_messages_500_announce after insert on app.sms_messages
    for each statement execute function app.tg_sms_messages__announce();

alter table app.sms_messages enable row level security;
alter table app.sms_messages force row level security;
create policy sms_messages_all_owner on app.sms_messages to app_owner using (true) with check (true);
create policy sms_messages_select_admin on app.sms_messages for select to app_admin using (true);

grant select on app.sms_messages to app_admin;

comment on table app.sms_messages is 'Text messages to send, and what became of them.';
comment on column app.sms_messages.next_attempt_at is
    'When it may be claimed; a claim moves it past its lease, so that a dead worker''s messages come back by themselves.';
comment on column app.sms_messages.claimed_by is
    'The worker that took it last and has not said what came of it; still set when the lease ends, that worker is dead.';
comment on column app.sms_messages.body is 'At most 900 characters, Kavenegar''s limit (its error 413).';
comment on column app.sms_messages.expires_at is 'When it is no longer worth sending; null is never.';
comment on column app.sms_messages.delivery is 'Where the provider says it is; null when the provider can''t be asked.';
comment on column app.sms_messages.delivery_due_at is 'When to ask the provider again; null is never.';
-- end of sql/app/sms/sms_messages.sql

-- from sql/app/sms/sms_outages.sql
-- A provider that refuses us (a wrong key, no credit) refuses every message alike: sending stops, for all workers, and
-- the queue keeps. From time to time one message is sent as a probe; the first that goes through ends the outage.
create table app.sms_outages (
    id uuid not null default app.new_id(),
    provider text not null,
    reason text not null,
    failures integer not null default 1,
    next_probe_at timestamptz not null default clock_timestamp() + interval '30 seconds',
    probe_id uuid,
    ended_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint sms_outages_pkey primary key (id),
    constraint sms_outages_probe_id_fkey foreign key (probe_id) references app.sms_messages (id) on delete set null
);

create unique index sms_outages_open_key on app.sms_outages ((ended_at is null)) where ended_at is null;
create index sms_outages_probe_id_idx on app.sms_outages (probe_id) where probe_id is not null;

create trigger sms_outages_100_touch before update on app.sms_outages
    for each row execute function app.tg__touch();

alter table app.sms_outages enable row level security;
alter table app.sms_outages force row level security;
create policy sms_outages_all_owner on app.sms_outages to app_owner using (true) with check (true);
create policy sms_outages_select_admin on app.sms_outages for select to app_admin using (true);

grant select on app.sms_outages to app_admin;

comment on table app.sms_outages is 'Times in which the SMS provider refused us, the open one among them; at most one is.';
comment on column app.sms_outages.failures is 'How many messages in a row were refused: the pauses grow with it.';
comment on column app.sms_outages.probe_id is 'The message that is being sent to see whether it is over.';
-- end of sql/app/sms/sms_outages.sql

-- from sql/app/sms/moment_fields.sql
create or replace function app.moment_fields(start_at timestamptz)
returns table (date text, "time" text, weekday text)
language sql
stable
set search_path = ''
as $$
    select
        app.persian_digits(replace(app.to_jalali(l.local_at::date), '-', '/')),
        app.persian_digits(to_char(l.local_at, 'HH24:MI')),
        ('{دوشنبه,سه‌شنبه,چهارشنبه,پنجشنبه,جمعه,شنبه,یکشنبه}'::text[])[extract(isodow from l.local_at)]
    from app.system_config c, lateral (select start_at at time zone c.tz as local_at) l
$$;

comment on function app.moment_fields(timestamptz) is
    'A moment as owners read it: Jalali date, time and weekday in the clinic''s zone, in Persian.';
-- end of sql/app/sms/moment_fields.sql

-- from sql/app/sms/render_sms.sql
create or replace function app.render_sms(
    template text, consultation_id uuid, start_at timestamptz, previous_start_at timestamptz default null
)
returns text
language sql
stable
set search_path = ''
as $$
    select app.fill_template(template, jsonb_strip_nulls(jsonb_build_object(
        'date', m.date, 'time', m."time", 'weekday', m.weekday, 'consultationId', consultation_id,
        'previousDate', p.date, 'previousTime', p."time", 'previousWeekday', p.weekday)))
    from app.moment_fields(start_at) m, app.moment_fields(previous_start_at) p
$$;

comment on function app.render_sms(text, uuid, timestamptz, timestamptz) is
    'The template with its placeholders (docs/sms.md) filled in.';
-- end of sql/app/sms/render_sms.sql

-- from sql/app/sms/queue_sms.sql
create or replace function app.queue_sms(
    user_id uuid, event text, subject text, body text, expires_at timestamptz default null
)
returns boolean
language sql
set search_path = ''
as $$
    with queued as (
        insert into app.sms_messages (event, subject, recipient, body, expires_at)
        select queue_sms.event, queue_sms.subject, u.mobile, queue_sms.body, queue_sms.expires_at
        from app.users u
        where u.id = queue_sms.user_id
        on conflict on constraint sms_messages_event_subject_key do nothing
        returning 1
    )
    select exists (select from queued)
$$;

comment on function app.queue_sms(uuid, text, text, text, timestamptz) is
    'Queues a message to the person, once per event and subject; tells whether this was the once.';
-- end of sql/app/sms/queue_sms.sql

-- from sql/app/sms/queue_moved_sms.sql
-- The subject includes the appointment's version, so that a second move sends a second message.
create or replace function app.queue_moved_sms(appointment app.appointments, previous_start_at timestamptz)
returns boolean
language sql
set search_path = ''
as $$
    select app.queue_sms(
        appointment.user_id, 'APPOINTMENT_MOVED', appointment.id || ':' || appointment.version,
        app.render_sms(c.sms_moved_template, appointment.consultation_id, appointment.start_at, previous_start_at))
    from app.system_config c
$$;

comment on function app.queue_moved_sms(app.appointments, timestamptz) is
    'Queues the news that an appointment (as it is now) was moved, once per version of it.';
-- end of sql/app/sms/queue_moved_sms.sql

-- from sql/app/sms/queue_canceled_sms.sql
create or replace function app.queue_canceled_sms(appointment app.appointments)
returns boolean
language sql
set search_path = ''
as $$
    select app.queue_sms(
        appointment.user_id, 'APPOINTMENT_CANCELED', appointment.id::text,
        app.render_sms(c.sms_canceled_template, appointment.consultation_id, appointment.start_at))
    from app.system_config c
$$;

comment on function app.queue_canceled_sms(app.appointments) is
    'Queues the news that an appointment was canceled; it can''t be twice.';
-- end of sql/app/sms/queue_canceled_sms.sql

-- from sql/app/sms/reminder_subject.sql
-- By its time, not its version: another doctor is no reason to remind again, another time is.
create or replace function app.reminder_subject(appointment app.appointments)
returns text
language sql
immutable
set search_path = ''
as $$
    select appointment.id || ':' || extract(epoch from appointment.start_at)::bigint
$$;

comment on function app.reminder_subject(app.appointments) is 'What makes a reminder unique: this appointment, at this time.';
-- end of sql/app/sms/reminder_subject.sql

-- from sql/app/sms/queue_reminders.sql
-- Whoever was told of the time so lately that the reminder is due already, needs none.
create or replace function app.queue_reminders(max_rows integer default 500)
returns bigint
language sql
set search_path = ''
as $$
    with due as (
        select a as appointment, c.sms_reminder_template as template
        from app.system_config c
        join app.appointments a
            on a.status = 'CONFIRMED' and a.start_at > clock_timestamp()
            and a.start_at <= clock_timestamp() + c.reminder_minutes * interval '1 minute'
        where not exists (
            select from app.sms_messages m
            where (m.event, m.subject) = ('APPOINTMENT_REMINDER', app.reminder_subject(a))
               or ((m.event, m.subject) in (('APPOINTMENT_CONFIRMED', a.id::text),
                                            ('APPOINTMENT_MOVED', a.id || ':' || a.version))
                   and m.created_at > a.start_at - c.reminder_minutes * interval '1 minute'))
        order by a.start_at
        limit max_rows
    ), queued as materialized (
        select app.queue_sms(
            (d.appointment).user_id, 'APPOINTMENT_REMINDER', app.reminder_subject(d.appointment),
            app.render_sms(d.template, (d.appointment).consultation_id, (d.appointment).start_at),
            expires_at => (d.appointment).start_at) as is_new
        from due d
    )
    select count(*) from queued q where q.is_new
$$;

comment on function app.queue_reminders(integer) is
    'Job: reminds of confirmed appointments that begin within system_config.reminder_minutes; none when that is null.';
-- end of sql/app/sms/queue_reminders.sql

-- from sql/app/notifications/report_moved_appointment.sql
create or replace function app.report_moved_appointment(appointment_id uuid, previous_start_at timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_appointment app.appointments;
begin
    select a.* into strict v_appointment from app.appointments a where a.id = appointment_id;
    perform app.notify_user(v_appointment.user_id, 'APPOINTMENT_MOVED', jsonb_build_object(
        'consultation_id', v_appointment.consultation_id, 'appointment_id', appointment_id,
        'start_at', v_appointment.start_at, 'previous_start_at', previous_start_at));
    perform app.queue_moved_sms(v_appointment, previous_start_at);
end
$$;

comment on function app.report_moved_appointment(uuid, timestamptz) is
    'Tells the owner that an admin has moved the appointment; call it after the move, in its transaction.';
-- end of sql/app/notifications/report_moved_appointment.sql

-- from sql/app/notifications/report_canceled_appointment.sql
create or replace function app.report_canceled_appointment(appointment_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_appointment app.appointments;
begin
    select a.* into strict v_appointment from app.appointments a where a.id = appointment_id;
    perform app.notify_user(v_appointment.user_id, 'APPOINTMENT_CANCELED', jsonb_build_object(
        'consultation_id', v_appointment.consultation_id, 'appointment_id', appointment_id,
        'start_at', v_appointment.start_at));
    perform app.queue_canceled_sms(v_appointment);
end
$$;

comment on function app.report_canceled_appointment(uuid) is
    'Tells the owner that an admin has canceled the appointment; call it in the transaction that does.';
-- end of sql/app/notifications/report_canceled_appointment.sql

-- from sql/api/me.sql
create or replace view api.me with (security_invoker = true) as
select u.id, u.role, u.name, u.mobile, u.last_login_at, u.created_at
from app.users u
where u.id = (select app.current_user_id());

grant select on api.me to app_user, app_doctor, app_admin;

comment on view api.me is E'The signed-in person\n\nOne row.';
-- end of sql/api/me.sql

-- from sql/api/doctors.sql
create or replace view api.doctors with (security_invoker = true) as
select d.id, d.display_name, d.is_active
from app.doctors d;

grant select on api.doctors to app_user, app_doctor, app_admin;

comment on view api.doctors is E'Doctors\n\nThe veterinarians of the clinic, by the name shown to owners.';
-- end of sql/api/doctors.sql

-- from sql/api/pets.sql
create or replace view api.pets with (security_invoker = true) as
select p.id, p.user_id, p.type, p.name, p.breed, p.gender, p.neutered, p.birth_date, p.created_at, p.updated_at
from app.pets p
where p.deleted_at is null;

grant select on api.pets to app_user, app_doctor, app_admin;

comment on view api.pets is E'Pets\n\nOwners see their own, doctors those of their consultations, admins all. Written by
rpc/create_pet, rpc/replace_pet and rpc/delete_pet.';
-- end of sql/api/pets.sql

-- from sql/api/media.sql
create or replace view api.media with (security_invoker = true) as
select
    m.id, m.consultation_id, m.owner_user_id, m.category, m.purpose, m.mime_type, m.size_bytes, m.duration_sec,
    m.width, m.height, m.created_at
from app.media m;

grant select on api.media to app_user, app_doctor, app_admin;

comment on view api.media is E'Files of consultations\n\nWhat is known of them; the bytes are reached by a signed link.';
-- end of sql/api/media.sql

-- from sql/api/appointments.sql
create or replace view api.appointments with (security_invoker = true) as
select
    a.id, a.consultation_id, a.user_id, a.doctor_id, a.start_at, a.end_at, a.timezone, a.status, a.hold_expires_at,
    a.outcome, a.version, a.created_at, a.updated_at
from app.appointments a;

grant select on api.appointments to app_user, app_doctor, app_admin;

comment on view api.appointments is E'Appointments\n\nSeats in slots: HELD until hold_expires_at, CONFIRMED, COMPLETED or
CANCELED. Written by rpc/hold_slot and rpc/release_hold, and by payments.';
-- end of sql/api/appointments.sql

-- from sql/api/payments.sql
create or replace view api.payments with (security_invoker = true) as
select
    p.id, p.consultation_id, p.appointment_id, p.user_id, p.provider, p.amount_toman, p.amount_rials, p.ref_id,
    p.card_pan, p.status, p.paid_at, p.created_at, p.updated_at
from app.payments p;

grant select on api.payments to app_user, app_admin;

comment on view api.payments is E'Payments\n\nOne row an attempt; amounts in toman and in rials (ten to a toman).';
-- end of sql/api/payments.sql

-- from sql/api/notifications.sql
create or replace view api.notifications with (security_invoker = true) as
select n.id, n.type, n.payload, n.is_read, n.created_at
from app.notifications n;

grant select on api.notifications to app_user, app_doctor, app_admin;

comment on view api.notifications is E'Notifications\n\nOne''s own; admins see those for all admins. Marked by
rpc/read_notification.';
-- end of sql/api/notifications.sql

-- from sql/api/consultations.sql
-- appointment, payment and media are columns and not only embeddable: what a function returns must show what it has
-- just done, and an embedding would be read with the snapshot from before it.
create or replace view api.consultations with (security_invoker = true) as
select
    c.id, c.user_id, c.pet_id, c.type, c.status, c.base_price_toman, c.currency, c.message_text, c.voice_media_id,
    c.created_at, c.updated_at, c.expires_at, c.version,
    (
        select jsonb_build_object(
            'id', a.id, 'start_at', a.start_at, 'end_at', a.end_at, 'status', a.status,
            'hold_expires_at', a.hold_expires_at,
            'doctor', case when d.id is not null then jsonb_build_object('display_name', d.display_name) end)
        from app.appointments a
        left join app.doctors d on d.id = a.doctor_id
        where a.consultation_id = c.id and a.status <> 'CANCELED'
        order by a.created_at desc
        limit 1
    ) as appointment,
    (
        select coalesce(jsonb_agg(jsonb_build_object(
            'id', m.id, 'category', m.category, 'purpose', m.purpose, 'mime_type', m.mime_type,
            'size_bytes', m.size_bytes, 'duration_sec', m.duration_sec, 'width', m.width, 'height', m.height,
            'created_at', m.created_at) order by m.id), '[]')
        from app.media m
        where m.consultation_id = c.id
    ) as media,
    (
        select jsonb_build_object('status', p.status, 'amount_toman', p.amount_toman, 'ref_id', p.ref_id)
        from app.payments p
        where p.consultation_id = c.id
        order by p.status = 'VERIFIED' desc, p.created_at desc
        limit 1
    ) as payment
from app.consultations c
where c.deleted_at is null;

grant select on api.consultations to app_user, app_doctor, app_admin;

comment on view api.consultations is E'Consultations\n\nOwners see their own, doctors those in which they have the appointment, admins
all. appointment is the one that is not
canceled, payment the verified or else the latest attempt; both are null when there is none. Written by
rpc/create_consultation, rpc/submit_details, rpc/hold_slot and their kin.';
-- end of sql/api/consultations.sql

-- from sql/sidecar/session_grant.sql
create type sidecar.session_grant as (
    user_id uuid,
    role text,
    db_role text,
    name text,
    mobile text,
    session_id uuid,
    refresh_token_id uuid,
    refresh_expires_at timestamptz
);

comment on type sidecar.session_grant is 'What the sidecar needs to sign a pair of tokens; all null when refused.';
-- end of sql/sidecar/session_grant.sql

-- from sql/app/identity/session_grant.sql
create or replace function app.session_grant(session_id uuid, refresh_token_id uuid)
returns sidecar.session_grant
language sql
stable
set search_path = ''
as $$
    select row(u.id, u.role::text, app.database_role(u.role), u.name, u.mobile, s.id, refresh_token_id, s.expires_at)
        ::sidecar.session_grant
    from app.sessions s
    join app.users u on u.id = s.user_id
    where s.id = session_grant.session_id
$$;

comment on function app.session_grant(uuid, uuid) is 'The session as the sidecar needs it, with this refresh token.';
-- end of sql/app/identity/session_grant.sql

-- from sql/app/identity/create_user.sql
create or replace function app.create_user(role app.user_role, name text, mobile text, password_hash text)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_mobile text := app.normalize_mobile(mobile);
    v_name text := btrim(name);
    v_user_id uuid;
begin
    perform app.fail_validation(jsonb_build_object(
        'name', case when length(v_name) between 1 and 100 then null else 'Give a name of 1 to 100 characters.' end,
        'mobile', case when v_mobile is null then 'Give an Iranian mobile number, like 09121234567.' end));
    insert into app.users as u (role, name, mobile)
    values (create_user.role, v_name, v_mobile)
    on conflict on constraint users_mobile_key do nothing
    returning u.id into v_user_id;
    if v_user_id is null then
        perform app.fail('CONFLICT', 'This mobile number is registered already.',
                         '{"fields": {"mobile": "Registered already."}}');
    end if;
    insert into app.credentials (user_id, password_hash) values (v_user_id, create_user.password_hash);
    if role = 'DOCTOR' then
        insert into app.doctors (user_id, display_name) values (v_user_id, v_name);
    end if;
    perform app.audit('USER_REGISTERED', 'user', v_user_id, jsonb_build_object('role', role),
                      coalesce(app.current_user_id(), v_user_id));
    return v_user_id;
end
$$;

comment on function app.create_user(app.user_role, text, text, text) is
    'Makes a person with a password hash; a doctor gets a row in app.doctors too. VALIDATION_FAILED, CONFLICT.';
-- end of sql/app/identity/create_user.sql

-- from sql/app/identity/open_session.sql
create or replace function app.open_session(user_id uuid, refresh_ttl interval)
returns sidecar.session_grant
language plpgsql
set search_path = ''
as $$
declare
    v_session_id uuid;
    v_token_id uuid;
begin
    insert into app.sessions as s (user_id, expires_at)
    values (open_session.user_id, clock_timestamp() + refresh_ttl)
    returning s.id into v_session_id;
    insert into app.refresh_tokens as t (session_id) values (v_session_id) returning t.id into v_token_id;
    update app.users u set last_login_at = clock_timestamp() where u.id = open_session.user_id;
    perform app.audit('USER_LOGGED_IN', 'user', open_session.user_id,
                      jsonb_build_object('session_id', v_session_id), open_session.user_id);
    return app.session_grant(v_session_id, v_token_id);
end
$$;

comment on function app.open_session(uuid, interval) is 'Signs a person in: a session and its first refresh token.';
-- end of sql/app/identity/open_session.sql

-- from sql/app/identity/revoke_session.sql
create or replace function app.revoke_session(session_id uuid)
returns void
language sql
set search_path = ''
as $$
    update app.sessions s set revoked_at = clock_timestamp() where s.id = session_id and s.revoked_at is null
$$;

comment on function app.revoke_session(uuid) is 'Ends one session, at once.';
-- end of sql/app/identity/revoke_session.sql

-- from sql/app/identity/revoke_sessions.sql
create or replace function app.revoke_sessions(user_id uuid)
returns void
language sql
set search_path = ''
as $$
    update app.sessions s set revoked_at = clock_timestamp()
    where s.user_id = revoke_sessions.user_id and s.revoked_at is null
$$;

comment on function app.revoke_sessions(uuid) is 'Ends every session of the person, at once.';
-- end of sql/app/identity/revoke_sessions.sql

-- from sql/sidecar/register.sql
create or replace function sidecar.register(name text, mobile text, password_hash text, refresh_ttl interval)
returns sidecar.session_grant
language sql
security definer
set search_path = ''
as $$
    select app.open_session(app.create_user('USER', name, mobile, password_hash), refresh_ttl)
$$;

comment on function sidecar.register(text, text, text, interval) is
    'Makes a pet owner and signs them in. VALIDATION_FAILED, CONFLICT.';
grant execute on function sidecar.register(text, text, text, interval) to sidecar;
-- end of sql/sidecar/register.sql

-- from sql/sidecar/begin_sign_in.sql
-- Counts before it looks, and answers instead of raising: an exception would roll the count back. The sidecar commits,
-- then answers. An unknown mobile is counted like a known one and costs the same.
create or replace function sidecar.begin_sign_in(
    mobile text,
    ip text,
    out user_id uuid,
    out password_hash text,
    out retry_after integer
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_mobile text := coalesce(app.normalize_mobile(mobile), 'invalid');
    v_now timestamptz;
    v_recent timestamptz[];
begin
    insert into app.sign_in_attempts as s (mobile, ip) values (v_mobile, begin_sign_in.ip)
    on conflict on constraint sign_in_attempts_pkey do update set updated_at = clock_timestamp()
    returning s.attempted_at into v_recent;
    v_now := clock_timestamp();  -- after the row's lock, which may have taken its time
    v_recent := array(select t from unnest(v_recent) as t where t > v_now - interval '1 minute' order by t);
    if cardinality(v_recent) >= 5 then
        retry_after := ceil(extract(epoch from v_recent[1] + interval '1 minute' - v_now));
        return;
    end if;
    update app.sign_in_attempts s set attempted_at = v_recent || v_now
    where s.mobile = v_mobile and s.ip = begin_sign_in.ip;
    select u.id, c.password_hash into user_id, password_hash
    from app.users u join app.credentials c on c.user_id = u.id
    where u.mobile = v_mobile and u.is_active;
end
$$;

comment on function sidecar.begin_sign_in(text, text) is
    'Counts an attempt and gives the hash to check. retry_after (seconds): too many; user_id null: unknown or inactive.';
grant execute on function sidecar.begin_sign_in(text, text) to sidecar;
-- end of sql/sidecar/begin_sign_in.sql

-- from sql/sidecar/sign_in.sql
-- The hash that was checked comes back with the sign-in: a password that was changed in between is not overwritten, and
-- its old one opens nothing.
create or replace function sidecar.sign_in(
    user_id uuid,
    checked_password_hash text,
    refresh_ttl interval,
    new_password_hash text default null
)
returns sidecar.session_grant
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform from app.credentials c
    where c.user_id = sign_in.user_id and c.password_hash = checked_password_hash
    for no key update;
    if not found then
        return null;
    end if;
    update app.credentials c set password_hash = new_password_hash
    where c.user_id = sign_in.user_id and new_password_hash is not null;
    return app.open_session(user_id, refresh_ttl);
end
$$;

comment on function sidecar.sign_in(uuid, text, interval, text) is
    'Signs in a person whose password the sidecar has checked against that hash; stores the rehashed password when there
is one. All null when the password is another by now.';
grant execute on function sidecar.sign_in(uuid, text, interval, text) to sidecar;
-- end of sql/sidecar/sign_in.sql

-- from sql/sidecar/rotate_refresh_token.sql
-- The session row is the lock: two tabs that refresh at once come one after the other. A used token within the grace
-- is a lost answer or a second tab, and gets the session's unused token; later it is theft, and the session dies. That
-- must survive, so the refusal is an answer and not an exception.
create or replace function sidecar.rotate_refresh_token(session_id uuid, token_id uuid, refresh_ttl interval)
returns sidecar.session_grant
language plpgsql
security definer
set search_path = ''
as $$
declare
    c_grace constant interval := '10 seconds';
    v_session app.sessions;
    v_used_at timestamptz;
    v_new_id uuid;
begin
    select s.* into v_session from app.sessions s
    join app.users u on u.id = s.user_id and u.is_active
    where s.id = rotate_refresh_token.session_id and s.revoked_at is null and s.expires_at > clock_timestamp()
    for no key update of s;
    if not found then
        return null;
    end if;
    select t.used_at into v_used_at from app.refresh_tokens t
    where t.id = token_id and t.session_id = v_session.id;
    if not found then
        return null;
    elsif v_used_at is null then
        update app.refresh_tokens t set used_at = clock_timestamp() where t.id = token_id;
        insert into app.refresh_tokens as t (session_id) values (v_session.id) returning t.id into v_new_id;
        update app.sessions s set expires_at = clock_timestamp() + refresh_ttl where s.id = v_session.id;
    elsif v_used_at > clock_timestamp() - c_grace then
        select t.id into v_new_id from app.refresh_tokens t where t.session_id = v_session.id and t.used_at is null;
    else
        perform app.revoke_session(v_session.id);
        perform app.audit('REFRESH_REUSED', 'session', v_session.id, '{}', v_session.user_id);
        return null;
    end if;
    return app.session_grant(v_session.id, v_new_id);
end
$$;

comment on function sidecar.rotate_refresh_token(uuid, uuid, interval) is
    'Uses up a refresh token and gives the next one; all null when refused. Commit either way.';
grant execute on function sidecar.rotate_refresh_token(uuid, uuid, interval) to sidecar;
-- end of sql/sidecar/rotate_refresh_token.sql

-- from sql/sidecar/sign_out.sql
create or replace function sidecar.sign_out(session_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.revoke_session(session_id);
    perform app.audit('USER_LOGGED_OUT', 'session', session_id, '{}', s.user_id)
    from app.sessions s where s.id = sign_out.session_id;
end
$$;

comment on function sidecar.sign_out(uuid) is 'Ends the session at once; an unknown or ended one is no error.';
grant execute on function sidecar.sign_out(uuid) to sidecar;
-- end of sql/sidecar/sign_out.sql

-- from sql/sidecar/password_hash.sql
create or replace function sidecar.password_hash(user_id uuid)
returns text
language sql
stable
security definer
set search_path = ''
as $$
    select c.password_hash from app.credentials c where c.user_id = password_hash.user_id
$$;

comment on function sidecar.password_hash(uuid) is 'The hash to check the old password against, before it is changed.';
grant execute on function sidecar.password_hash(uuid) to sidecar;
-- end of sql/sidecar/password_hash.sql

-- from sql/sidecar/change_password.sql
create or replace function sidecar.change_password(user_id uuid, password_hash text, refresh_ttl interval)
returns sidecar.session_grant
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.credentials c set password_hash = change_password.password_hash
    where c.user_id = change_password.user_id;
    perform app.revoke_sessions(user_id);
    perform app.audit('PASSWORD_CHANGED', 'user', user_id, '{}', user_id);
    return app.open_session(user_id, refresh_ttl);
end
$$;

comment on function sidecar.change_password(uuid, text, interval) is
    'Stores the new hash, ends every session of the person, and opens a new one for the caller.';
grant execute on function sidecar.change_password(uuid, text, interval) to sidecar;
-- end of sql/sidecar/change_password.sql

-- from sql/app/pets/check_pet.sql
create or replace function app.check_pet(type app.pet_type, name text, breed text, birth_date date)
returns void
language sql
stable
set search_path = ''
as $$
    select app.fail_validation(jsonb_build_object(
        'type', case when type is null then 'Give DOG, CAT or OTHER.' end,
        'name', case when length(btrim(name)) between 1 and 100 then null else 'Give a name of 1 to 100 characters.' end,
        'breed', case when length(btrim(breed)) > 100 then 'At most 100 characters.' end,
        'birth_date', case when birth_date not between '1970-01-01' and current_date + 1
            then 'Give a day in the past.' end))
$$;

comment on function app.check_pet(app.pet_type, text, text, date) is 'VALIDATION_FAILED with the fields of a pet that are wrong.';
-- end of sql/app/pets/check_pet.sql

-- from sql/app/pets/lock_own_pet.sql
create or replace function app.lock_own_pet(pet_id uuid)
returns app.pets
language plpgsql
set search_path = ''
as $$
declare
    v_pet app.pets;
begin
    select p.* into v_pet from app.pets p
    where p.id = pet_id and p.user_id = app.current_user_id() and p.deleted_at is null
    for no key update;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such pet.');
    end if;
    return v_pet;
end
$$;

comment on function app.lock_own_pet(uuid) is 'Locks the caller''s own pet. NOT_FOUND.';
-- end of sql/app/pets/lock_own_pet.sql

-- from sql/api/create_pet.sql
create or replace function api.create_pet(
    type app.pet_type default null,
    name text default null,
    breed text default null,
    gender app.pet_gender default 'UNKNOWN',
    neutered boolean default null,
    birth_date date default null
)
returns api.pets
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_pet_id uuid;
    v_result api.pets;
begin
    perform app.check_pet(type, name, breed, birth_date);
    insert into app.pets as p (user_id, type, name, breed, gender, neutered, birth_date)
    values (app.current_user_id(), create_pet.type, btrim(create_pet.name), nullif(btrim(create_pet.breed), ''),
            coalesce(create_pet.gender, 'UNKNOWN'), create_pet.neutered, create_pet.birth_date)
    returning p.id into v_pet_id;
    perform app.audit('PET_CREATED', 'pet', v_pet_id);
    select p.* into v_result from api.pets p where p.id = v_pet_id;
    return v_result;
end
$$;

comment on function api.create_pet(app.pet_type, text, text, app.pet_gender, boolean, date) is
E'Register a pet\n\nGives the pet. type and name are required; gender is UNKNOWN when not given; birth_date is a Gregorian
date. VALIDATION_FAILED. For owners.';
grant execute on function api.create_pet(app.pet_type, text, text, app.pet_gender, boolean, date) to app_user;
-- end of sql/api/create_pet.sql

-- from sql/api/replace_pet.sql
create or replace function api.replace_pet(
    pet_id uuid,
    type app.pet_type default null,
    name text default null,
    breed text default null,
    gender app.pet_gender default 'UNKNOWN',
    neutered boolean default null,
    birth_date date default null
)
returns api.pets
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_pet app.pets := app.lock_own_pet(pet_id);
    v_result api.pets;
begin
    perform app.check_pet(type, name, breed, birth_date);
    update app.pets p
    set type = replace_pet.type, name = btrim(replace_pet.name), breed = nullif(btrim(replace_pet.breed), ''),
        gender = coalesce(replace_pet.gender, 'UNKNOWN'), neutered = replace_pet.neutered,
        birth_date = replace_pet.birth_date
    where p.id = v_pet.id;
    perform app.audit('PET_REPLACED', 'pet', v_pet.id);
    select p.* into v_result from api.pets p where p.id = v_pet.id;
    return v_result;
end
$$;

comment on function api.replace_pet(uuid, app.pet_type, text, text, app.pet_gender, boolean, date) is
E'Replace a pet\n\nWhat is not given becomes null (gender UNKNOWN). Gives the pet. NOT_FOUND, VALIDATION_FAILED. For owners.';
grant execute on function api.replace_pet(uuid, app.pet_type, text, text, app.pet_gender, boolean, date) to app_user;
-- end of sql/api/replace_pet.sql

-- from sql/api/delete_pet.sql
create or replace function api.delete_pet(pet_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_pet app.pets := app.lock_own_pet(pet_id);
begin
    if exists (
        select from app.consultations c
        where c.pet_id = v_pet.id and c.deleted_at is null and c.status not in ('COMPLETED', 'CANCELED', 'EXPIRED')
    ) then
        perform app.fail('INVALID_STATE', 'A consultation about this pet is still open.');
    end if;
    update app.pets p set deleted_at = clock_timestamp() where p.id = v_pet.id;
    perform app.audit('PET_DELETED', 'pet', v_pet.id);
end
$$;

comment on function api.delete_pet(uuid) is
E'Delete a pet\n\nRefused while a consultation about it is open. NOT_FOUND, INVALID_STATE. For owners.';
grant execute on function api.delete_pet(uuid) to app_user;
-- end of sql/api/delete_pet.sql

-- from sql/app/consultations/lock_own_consultation.sql
-- First lock of every writing function. A consultation of somebody else is not found, like one that never was.
create or replace function app.lock_own_consultation(consultation_id uuid)
returns app.consultations
language plpgsql
set search_path = ''
as $$
declare
    v_consultation app.consultations;
begin
    select c.* into v_consultation
    from app.consultations c
    where c.id = consultation_id and c.user_id = app.current_user_id() and c.deleted_at is null
    for no key update;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such consultation.');
    end if;
    return v_consultation;
end
$$;

comment on function app.lock_own_consultation(uuid) is 'Locks the caller''s own consultation. NOT_FOUND.';
-- end of sql/app/consultations/lock_own_consultation.sql

-- from sql/app/consultations/require_status.sql
create or replace function app.require_status(
    consultation app.consultations,
    variadic allowed app.consultation_status[]
)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if not consultation.status = any (allowed) then
        perform app.fail('INVALID_STATE', 'The consultation is not in a state that allows this.',
                         jsonb_build_object('status', consultation.status, 'allowed', allowed));
    end if;
end
$$;

comment on function app.require_status(app.consultations, app.consultation_status[]) is
    'INVALID_STATE unless the consultation is in one of these states.';
-- end of sql/app/consultations/require_status.sql

-- from sql/app/consultations/show_consultation.sql
create or replace function app.show_consultation(consultation_id uuid)
returns api.consultations
language sql
stable
set search_path = ''
as $$
    select c.* from api.consultations c where c.id = consultation_id
$$;

comment on function app.show_consultation(uuid) is 'The consultation as the api shows it.';
-- end of sql/app/consultations/show_consultation.sql

-- from sql/api/create_consultation.sql
create or replace function api.create_consultation(
    pet_id uuid default null,
    type app.consultation_type default 'SPECIALIST'
)
returns api.consultations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_pet app.pets;
    v_id uuid;
begin
    perform app.fail_validation(jsonb_build_object('pet_id', case when pet_id is null then 'Give the pet''s id.' end));
    v_pet := app.lock_own_pet(pet_id);  -- against a deletion of the pet at the same moment
    insert into app.consultations as c (user_id, pet_id, type, base_price_toman)
    select v_pet.user_id, v_pet.id, coalesce(create_consultation.type, 'SPECIALIST'), s.price_toman
    from app.system_config s
    returning c.id into v_id;
    return app.show_consultation(v_id);
end
$$;

comment on function api.create_consultation(uuid, app.consultation_type) is
E'Begin a consultation\n\nA DRAFT for one of the caller''s pets, at today''s price. Gives the consultation. NOT_FOUND,
VALIDATION_FAILED. For owners.';
grant execute on function api.create_consultation(uuid, app.consultation_type) to app_user;
-- end of sql/api/create_consultation.sql

-- from sql/api/submit_details.sql
create or replace function api.submit_details(
    consultation_id uuid,
    message_text text default null,
    voice_media_id uuid default null
)
returns api.consultations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
    v_text text := nullif(btrim(message_text), '');
begin
    perform app.require_status(v_consultation, 'DRAFT', 'DETAILS_SUBMITTED', 'SLOT_HELD');
    perform app.fail_validation(jsonb_build_object(
        'message_text', case
            when length(v_text) not between 20 and 5000 then 'Write 20 to 5000 characters.'
            when v_text is null and voice_media_id is null then 'Write a text or record a voice note.' end,
        'voice_media_id', case when voice_media_id is not null and not exists (
                select from app.media m
                where m.id = submit_details.voice_media_id and m.consultation_id = v_consultation.id
                  and m.purpose = 'VOICE_NOTE')
            then 'Not a voice note of this consultation.' end));
    update app.consultations c
    set message_text = v_text,
        voice_media_id = submit_details.voice_media_id,
        status = case c.status when 'DRAFT' then 'DETAILS_SUBMITTED' else c.status end
    where c.id = v_consultation.id;
    return app.show_consultation(v_consultation.id);
end
$$;

comment on function api.submit_details(uuid, text, uuid) is
E'Describe the problem\n\nA text of 20 to 5000 characters, or a voice note that is registered already, or both. Gives the
consultation, DETAILS_SUBMITTED if it was a DRAFT. NOT_FOUND, INVALID_STATE, VALIDATION_FAILED. For owners.';
grant execute on function api.submit_details(uuid, text, uuid) to app_user;
-- end of sql/api/submit_details.sql

-- from sql/app/slots/slot_grid.sql
-- The one definition of what is offered, for the list and for the hold: open weekdays, hours and interval are meant in
-- the clinic's zone, slots are instants. Only the opening and the closing are wall time: between them a slot follows
-- the other, also on a day on which the clocks change. The limits are what can be asked for and what a day can hold (24
-- hours of 5 minutes): they tell the planner, who would reckon with a million slots and compile the query (JIT).
-- No SET clause, so that it is inlined.
create or replace function app.slot_grid(first_day date, last_day date)
returns table (day date, start_at timestamptz, end_at timestamptz, unavailable_reason text)
language sql
stable
as $$
    select d.day, s.start_at, s.start_at + c.length, case
        when s.start_at <= clock_timestamp() then 'PAST'
        when d.day > (clock_timestamp() at time zone c.tz)::date + c.booking_horizon_days then 'BEYOND_HORIZON'
        when exists (
            select from app.closures x where x.start_at < s.start_at + c.length and x.end_at > s.start_at
        ) then 'CLOSED'
    end
    from (select s.*, make_interval(mins => s.slot_minutes) as length from app.system_config s) c
    cross join lateral (
        select first_day + n as day from generate_series(0, last_day - first_day) as n limit 62
    ) d
    cross join lateral (
        select generate_series(
            (d.day + make_interval(hours => c.start_hour)) at time zone c.tz,
            (d.day + make_interval(hours => c.end_hour)) at time zone c.tz - c.length,
            c.length) as start_at
        limit 288
    ) s
    where extract(isodow from d.day)::smallint = any (c.open_weekdays)
$$;

comment on function app.slot_grid(date, date) is
    'The slots of the open days in the range (clinic''s days), each with why it can''t be booked at all, or null.';
-- end of sql/app/slots/slot_grid.sql

-- from sql/app/slots/slot_availability.sql
-- Everything is read once for the whole range, and counted per slot: the range decides how long it takes, not how many
-- appointments there ever were. An expired hold counts as free: nobody waits for the sweeper. No slot is longer than
-- four hours (slots_span_check), so that what began earlier can't reach into the range.
create or replace function app.slot_availability(first_day date, last_day date)
returns table (
    day date,
    start_at timestamptz,
    end_at timestamptz,
    capacity bigint,
    taken bigint,
    unavailable_reason text
)
language sql
stable
set search_path = ''
as $$
    with grid as materialized (
        select * from app.slot_grid(first_day, last_day)
    ), span as materialized (
        select min(g.start_at) as start_at, max(g.end_at) as end_at from grid g
    ), occupied as materialized (
        select a.start_at, a.end_at, count(*) as taken
        from app.appointments a
        where a.start_at > (select s.start_at - interval '4 hours' from span s)
          and a.start_at < (select s.end_at from span s)
          and a.status <> 'CANCELED'
          and (a.status <> 'HELD' or a.hold_expires_at > clock_timestamp())
        group by a.start_at, a.end_at
    ), off_grid as materialized (
        select o.start_at, o.end_at from occupied o where (o.start_at, o.end_at) not in (
            select g.start_at, g.end_at from grid g)
    ), away as materialized (
        select b.doctor_id, b.start_at, b.end_at from app.doctor_absences b, span s
        where b.start_at < s.end_at and b.end_at > s.start_at and b.doctor_id in (select d.id from app.active_doctors d)
    )
    select g.day, g.start_at, g.end_at, d.capacity, coalesce(o.taken, 0), coalesce(g.unavailable_reason, case
        when exists (select from off_grid f where f.start_at < g.end_at and f.end_at > g.start_at) then 'OVERLAPPED'
        when coalesce(o.taken, 0) >= d.capacity then 'FULL' end)
    from grid g
    cross join lateral (
        select (select count(*) from app.active_doctors) - count(distinct w.doctor_id) as capacity
        from away w where w.start_at < g.end_at and w.end_at > g.start_at
    ) d
    left join occupied o on o.start_at = g.start_at and o.end_at = g.end_at
$$;

comment on function app.slot_availability(date, date) is
    'The slots of the range with capacity, how many seats are taken, and why none can be: what app.slot_grid says,
OVERLAPPED (by an appointment of an earlier grid), FULL, or null.';
-- end of sql/app/slots/slot_availability.sql

-- from sql/app/slots/nearest_free_slots.sql
create or replace function app.nearest_free_slots(start_at timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
    with nearest as (
        select a.start_at
        from app.system_config c
        cross join lateral (select (nearest_free_slots.start_at at time zone c.tz)::date as day) l
        cross join lateral app.slot_availability(l.day - 7, l.day + 7) a
        where a.unavailable_reason is null and a.start_at <> nearest_free_slots.start_at
        order by abs(extract(epoch from a.start_at - nearest_free_slots.start_at))
        limit 3
    )
    select coalesce(jsonb_agg(n.start_at order by n.start_at), '[]') from nearest n
$$;

comment on function app.nearest_free_slots(timestamptz) is 'Up to three other slots within a week of this one that are free.';
-- end of sql/app/slots/nearest_free_slots.sql

-- from sql/app/slots/require_offered_slot.sql
create or replace function app.require_offered_slot(start_at timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
    v_end_at timestamptz;
    v_rule text;
begin
    select g.end_at, case
        when g.start_at is not null then g.unavailable_reason
        when extract(isodow from l.day)::smallint = any (c.open_weekdays) then 'OFF_GRID'
        else 'CLOSED_DAY'
    end
    into v_end_at, v_rule
    from app.system_config c
    cross join lateral (select (require_offered_slot.start_at at time zone c.tz)::date as day) l
    left join lateral app.slot_grid(l.day, l.day) g on g.start_at = require_offered_slot.start_at;
    if v_rule is not null then
        perform app.fail('SLOT_NOT_OFFERED', 'This time is not offered.', jsonb_build_object('rule', v_rule));
    end if;
    return v_end_at;
end
$$;

comment on function app.require_offered_slot(timestamptz) is
    'The end of the offered slot that begins then. SLOT_NOT_OFFERED with the rule: PAST, BEYOND_HORIZON, CLOSED,
OFF_GRID or CLOSED_DAY.';
-- end of sql/app/slots/require_offered_slot.sql

-- from sql/app/slots/find_slot.sql
-- Not "capacity > 0", though that is meant: the exclusion's index would seem to serve, and be read whole while the table
-- is small.
create or replace function app.find_slot(start_at timestamptz, end_at timestamptz)
returns app.slots
language sql
set search_path = ''
as $$
    select s.* from app.slots s
    where s.start_at = find_slot.start_at and s.end_at = find_slot.end_at and s.capacity <> 0
    for no key update
$$;

comment on function app.find_slot(timestamptz, timestamptz) is 'Locks the slot''s row when there is one in use.';
-- end of sql/app/slots/find_slot.sql

-- from sql/app/slots/retire_overlapped_slots.sql
-- Lock first, look in a later statement: only then does the look see what a competing hold has committed. The lock is
-- FOR UPDATE because capacity is part of the key that appointments refer to. Reads by start and not by the exclusion's
-- index (see app.find_slot): no slot is longer than four hours (slots_span_check).
create or replace function app.retire_overlapped_slots(start_at timestamptz, end_at timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_ids uuid[];
begin
    v_ids := array(
        select s.id from app.slots s
        where s.start_at > retire_overlapped_slots.start_at - interval '4 hours'
          and s.start_at < retire_overlapped_slots.end_at
          and s.end_at > retire_overlapped_slots.start_at
          and (s.start_at, s.end_at) <> (retire_overlapped_slots.start_at, retire_overlapped_slots.end_at)
          and s.capacity <> 0
        order by s.start_at
        for update);
    if v_ids = '{}' then
        return;
    end if;
    perform app.release_lapsed_holds(array(
        select a.id from app.appointments a
        where a.slot_id = any (v_ids) and a.status = 'HELD' and a.hold_expires_at <= clock_timestamp()));
    update app.slots s set capacity = 0
    where s.id = any (v_ids)
      and not exists (select from app.appointments a where a.slot_id = s.id and a.status <> 'CANCELED');
end
$$;

comment on function app.retire_overlapped_slots(timestamptz, timestamptz) is
    'Gives up slots of an earlier grid that overlap the range and are empty, or hold nothing but lapsed holds.';
-- end of sql/app/slots/retire_overlapped_slots.sql

-- from sql/app/slots/lock_slot.sql
-- The slot's row is made when it is first held, and locked FOR NO KEY UPDATE, which the foreign key of somebody else's
-- appointment does not wait for; who has just made it needs no lock. ON CONFLICT has no target: both the exclusion and
-- a twin may be in the way. Slots of an earlier grid that overlap and are empty are retired; one that is occupied
-- stays, and this time is not offered.
create or replace function app.lock_slot(start_at timestamptz, end_at timestamptz)
returns app.slots
language plpgsql
set search_path = ''
as $$
declare
    v_slot app.slots := app.find_slot(start_at, end_at);
begin
    if v_slot.id is not null then
        return v_slot;
    end if;
    perform app.retire_overlapped_slots(start_at, end_at);
    insert into app.slots as s (start_at, end_at, capacity)
    select lock_slot.start_at, lock_slot.end_at, count(*)
    from app.available_doctors(lock_slot.start_at, lock_slot.end_at)
    having count(*) > 0
    on conflict do nothing
    returning s.* into v_slot;
    return case when found then v_slot else app.find_slot(start_at, end_at) end;
end
$$;

comment on function app.lock_slot(timestamptz, timestamptz) is
    'The locked row of the slot; null when nobody could take calls then, or another grid''s slot is in the way.';
-- end of sql/app/slots/lock_slot.sql

-- from sql/app/slots/refuse_seat.sql
-- Called after app.lock_slot found no seat: an overlapping slot that is still in use by then is occupied.
create or replace function app.refuse_seat(start_at timestamptz, end_at timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if exists (
        select from app.slots s
        where s.start_at > refuse_seat.start_at - interval '4 hours'
          and s.start_at < refuse_seat.end_at
          and s.end_at > refuse_seat.start_at
          and (s.start_at, s.end_at) <> (refuse_seat.start_at, refuse_seat.end_at)
          and s.capacity <> 0
    ) then
        perform app.fail('SLOT_NOT_OFFERED', 'This time is not offered.', '{"rule": "OVERLAPPED"}');
    end if;
    perform app.fail('SLOT_FULL', 'This slot is full.',
                     jsonb_build_object('nearest_free_slots', app.nearest_free_slots(start_at)));
end
$$;

comment on function app.refuse_seat(timestamptz, timestamptz) is
    'SLOT_NOT_OFFERED when an appointment of an earlier grid is in the way, else SLOT_FULL.';
-- end of sql/app/slots/refuse_seat.sql

-- from sql/api/availability.sql
create or replace function api.availability("from" date default null, "to" date default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_tz text := (select c.tz from app.system_config c);
begin
    perform app.fail_validation(jsonb_build_object(
        'from', case when "from" is null then 'Give a date, YYYY-MM-DD.'
            when "from" not between '2000-01-01' and '2999-12-31' then 'Give a date within this millennium.' end,
        'to', case when "to" is null then 'Give a date, YYYY-MM-DD.'
            when not (isfinite("from") and isfinite("to")) then 'Give a date within this millennium.'
            when "to" not between '2000-01-01' and '2999-12-31' then 'Give a date within this millennium.'
            when "to" < "from" then 'Give a date that is not before the first.'
            when "to" - 61 > "from" then 'Ask for at most 62 days.' end));
    perform set_config('timezone', v_tz, true);  -- times in the answer carry the clinic's offset
    return jsonb_build_object('timezone', v_tz, 'days', (
        select coalesce(jsonb_agg(d.day order by d.day ->> 'date'), '[]')
        from (
            select jsonb_build_object(
                'date', a.day, 'jalali_date', app.to_jalali(a.day), 'weekday', to_char(a.day, 'FMDay'),
                'slots', jsonb_agg(jsonb_build_object(
                    'start_at', a.start_at, 'end_at', a.end_at, 'capacity', a.capacity, 'taken', a.taken,
                    'is_full', a.taken >= a.capacity, 'unavailable_reason', a.unavailable_reason
                ) order by a.start_at)) as day
            from app.slot_availability("from", "to") a
            group by a.day
        ) d));
end
$$;

comment on function api.availability(date, date) is
E'Days and slots\n\nThe open days from "from" to "to" (Gregorian dates in the clinic''s zone, at most 62 days), each with its
Jalali date, its weekday and its slots: start_at, end_at, capacity, taken, is_full, and unavailable_reason: PAST,
BEYOND_HORIZON, CLOSED (by the clinic), OVERLAPPED (by an appointment from before the clinic changed its hours), FULL, or
null for a slot that can be held. VALIDATION_FAILED. For everybody who is signed in.';
grant execute on function api.availability(date, date) to app_user, app_doctor, app_admin;
-- end of sql/api/availability.sql

-- from sql/app/doctors/require_span.sql
create or replace function app.require_span(start_at timestamptz, end_at timestamptz)
returns void
language sql
set search_path = ''
as $$
    select app.fail_validation(jsonb_build_object(
        'start_at', case when start_at is null then 'Give the start.' end,
        'end_at', case when end_at is null then 'Give the end.'
            when end_at <= start_at then 'Give an end after the start.' end))
$$;

comment on function app.require_span(timestamptz, timestamptz) is 'VALIDATION_FAILED unless it is a range of time.';
-- end of sql/app/doctors/require_span.sql

-- from sql/app/doctors/require_doctor.sql
create or replace function app.require_doctor(doctor_id uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    if not exists (select from app.doctors d where d.id = require_doctor.doctor_id) then
        perform app.fail('NOT_FOUND', 'There is no such doctor.');
    end if;
end
$$;

comment on function app.require_doctor(uuid) is 'NOT_FOUND unless there is this doctor.';
-- end of sql/app/doctors/require_doctor.sql

-- from sql/api/preview_closure.sql
create or replace function api.preview_closure(start_at timestamptz default null, end_at timestamptz default null)
returns setof app.affected_appointment
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.require_span(start_at, end_at);
    return query select * from app.affected_appointments(start_at, end_at);
end
$$;

comment on function api.preview_closure(timestamptz, timestamptz) is
E'Preview a closure\n\nThe held and confirmed appointments that a closure from start_at to end_at would affect, with their
owners'' names and mobiles. They stay when it is made; what is confirmed is then reported as OVER_CAPACITY. FORBIDDEN,
VALIDATION_FAILED. For admins.';
grant execute on function api.preview_closure(timestamptz, timestamptz) to app_admin;
-- end of sql/api/preview_closure.sql

-- from sql/api/preview_absence.sql
create or replace function api.preview_absence(
    doctor_id uuid default null,
    start_at timestamptz default null,
    end_at timestamptz default null
)
returns setof app.affected_appointment
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.require_span(start_at, end_at);
    perform app.require_doctor(doctor_id);
    return query select * from app.affected_appointments(start_at, end_at, doctor_id);
end
$$;

comment on function api.preview_absence(uuid, timestamptz, timestamptz) is
E'Preview an absence\n\nThe held and confirmed appointments that the doctor''s absence from start_at to end_at would affect,
with their owners'' names and mobiles: the doctor''s own (why: DOCTOR_AWAY), and those that would be more than there are
doctors then (is_over_capacity). FORBIDDEN, VALIDATION_FAILED, NOT_FOUND. For admins.';
grant execute on function api.preview_absence(uuid, timestamptz, timestamptz) to app_admin;
-- end of sql/api/preview_absence.sql

-- from sql/api/preview_deactivation.sql
create or replace function api.preview_deactivation(doctor_id uuid default null)
returns setof app.affected_appointment
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.require_doctor(doctor_id);
    return query select * from app.affected_appointments(clock_timestamp(), 'infinity', doctor_id);
end
$$;

comment on function api.preview_deactivation(uuid) is
E'Preview a deactivation\n\nThe held and confirmed appointments that losing the doctor would affect from now on, as
rpc/preview_absence lists them. FORBIDDEN, NOT_FOUND. For admins.';
grant execute on function api.preview_deactivation(uuid) to app_admin;
-- end of sql/api/preview_deactivation.sql

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
        where a.id = any (appointment_ids) and a.status::text = 'HELD' and a.hold_expires_at <= clock_timestamp()
        for no key update of c, a skip locked
    ), released as (
        update app.appointments a
        set status = 'CANCELED', cancel_reason = 'EXPIRED'
        from lapsed l
        where a.id = l.id
    ), reopened as (
        update app.consultations c
        set status = 'DETAILS_SUBMITTED'
        from lapsed l
        where c.id = l.consultation_id and c.status = 'SLOT_HELD'
    )
    select count(*) from lapsed
$$;

comment on function app.release_lapsed_holds(uuid[]) is
    'Cancels those of the holds that have expired and can be locked at once; gives how many. The consultation may choose
again, unless it is PAYMENT_INITIATED: then the gateway''s answer decides.';
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

comment on function app.free_lane(app.slots) is
    'A free seat of the locked slot, or null when it is full; lapsed holds in it are released first.';
-- end of sql/app/appointments/free_lane.sql

-- from sql/app/appointments/take_seat.sql
create or replace function app.take_seat(
    consultation app.consultations,
    start_at timestamptz,
    end_at timestamptz,
    hold_for interval default null
)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_slot app.slots := app.lock_slot(start_at, end_at);
    v_lane smallint;
    v_appointment_id uuid;
begin
    if v_slot.id is not null then
        v_lane := app.free_lane(v_slot);
    end if;
    if v_lane is null then
        return null;
    end if;
    insert into app.appointments as a (
        consultation_id, user_id, slot_id, slot_capacity, lane, start_at, end_at, timezone, status, hold_expires_at)
    select consultation.id, consultation.user_id, s.id, s.capacity, v_lane, s.start_at, s.end_at, c.tz, 'HELD',
           clock_timestamp() + coalesce(hold_for, make_interval(mins => c.hold_minutes))
    from app.slots s, app.system_config c
    where s.id = v_slot.id
    returning a.id into v_appointment_id;
    return v_appointment_id;
end
$$;

comment on function app.take_seat(app.consultations, timestamptz, timestamptz, interval) is
    'Holds a seat for the locked consultation, as long as is configured unless said; null when the slot is full.';
-- end of sql/app/appointments/take_seat.sql

-- from sql/app/appointments/move_seat.sql
-- Both slots are locked in order of time, so that two people who swap slots never wait for each other in a circle. The
-- new seat is found before the old one is given up, in one update; hold_expires_at stays, so that going back and forth
-- gains nothing.
create or replace function app.move_seat(appointment app.appointments, start_at timestamptz, end_at timestamptz)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_slot app.slots;
    v_lane smallint;
begin
    if start_at > appointment.start_at then
        perform app.find_slot(appointment.start_at, appointment.end_at);
        v_slot := app.lock_slot(start_at, end_at);
    else
        v_slot := app.lock_slot(start_at, end_at);
        perform app.find_slot(appointment.start_at, appointment.end_at);
    end if;
    if v_slot.id is not null then
        v_lane := app.free_lane(v_slot);
    end if;
    if v_lane is null then
        return false;
    end if;
    update app.appointments a
    set slot_id = s.id, slot_capacity = s.capacity, lane = v_lane, start_at = s.start_at, end_at = s.end_at
    from app.slots s
    where a.id = appointment.id and s.id = v_slot.id;
    perform app.audit('SLOT_CHANGED', 'appointment', appointment.id,
                      jsonb_build_object('from', appointment.start_at, 'to', start_at));
    return true;
end
$$;

comment on function app.move_seat(app.appointments, timestamptz, timestamptz) is
    'Moves a held seat to another slot; false when that one is full.';
-- end of sql/app/appointments/move_seat.sql

-- from sql/app/appointments/live_appointment.sql
create or replace function app.live_appointment(consultation_id uuid)
returns app.appointments
language sql
stable
set search_path = ''
as $$
    select a.* from app.appointments a
    where a.consultation_id = live_appointment.consultation_id and a.status in ('HELD', 'CONFIRMED')
$$;

comment on function app.live_appointment(uuid) is 'The consultation''s held or confirmed appointment, or null.';
-- end of sql/app/appointments/live_appointment.sql

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

comment on function app.require_hold_allowance(uuid, uuid) is
    'TOO_MANY_HOLDS when the person holds enough elsewhere, or let too many holds run out lately.';
-- end of sql/app/appointments/require_hold_allowance.sql

-- from sql/app/appointments/require_holdable.sql
create or replace function app.require_holdable(consultation app.consultations, seat app.appointments)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if consultation.status = 'PAYMENT_INITIATED' or (app.open_payment(consultation.id)).id is not null then
        perform app.fail('PAYMENT_IN_PROGRESS', 'A payment for this consultation is under way.');
    end if;
    perform app.require_status(consultation, 'DETAILS_SUBMITTED', 'SLOT_HELD', 'PAID');
    if consultation.status = 'PAID' and seat.id is not null then
        perform app.fail('INVALID_STATE', 'The consultation has its appointment.');
    end if;
end
$$;

comment on function app.require_holdable(app.consultations, app.appointments) is
    'PAYMENT_IN_PROGRESS or INVALID_STATE unless the consultation may hold a slot now.';
-- end of sql/app/appointments/require_holdable.sql

-- from sql/app/appointments/cancel_hold.sql
create or replace function app.cancel_hold(consultation_id uuid, reason app.cancel_reason)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
    update app.appointments a set status = 'CANCELED', cancel_reason = reason
    where a.consultation_id = cancel_hold.consultation_id and a.status = 'HELD';
    return found;
end
$$;

comment on function app.cancel_hold(uuid, app.cancel_reason) is
    'Gives up the seat that the locked consultation holds; false when it holds none.';
-- end of sql/app/appointments/cancel_hold.sql

-- from sql/app/appointments/choose_doctor.sql
-- Among those free at that time, the one with the fewest confirmed assignments in the last 30 days, ties to the least
-- recently assigned. The candidates are locked first: two confirmations at once count each other.
create or replace function app.choose_doctor(
    appointment app.appointments,
    out doctor_id uuid,
    out reason jsonb
)
language plpgsql
set search_path = ''
as $$
begin
    perform app.lock_doctors();
    if (select c.doctor_assignment from app.system_config c) = 'MANUAL' then
        return;
    end if;
    with candidates as (
        select d.id, row_number() over (order by r.assignments, r.last_assigned_at nulls first, d.id) as place,
            jsonb_build_object(
                'assignments_in_30_days', r.assignments, 'last_assigned_at', r.last_assigned_at) as figures
        from app.available_doctors(appointment.start_at, appointment.end_at) d
        cross join lateral (
            select count(*) as assignments, max(a.assigned_at) as last_assigned_at
            from app.appointments a
            where a.doctor_id = d.id
              and a.status <> 'CANCELED'
              and a.assigned_at > clock_timestamp() - interval '30 days'
        ) r
        where not exists (
            select from app.appointments a
            where a.slot_id = appointment.slot_id and a.doctor_id = d.id and a.status <> 'CANCELED'
        )
    )
    select c.id, c.figures || jsonb_build_object(
        'policy', 'ROUND_ROBIN',
        'candidates', count(*) over (),
        'others', (select coalesce(jsonb_agg(o.figures || jsonb_build_object('doctor_id', o.id) order by o.place), '[]')
                   from candidates o where o.place > 1))
    into doctor_id, reason
    from candidates c
    order by c.place
    limit 1;
end
$$;

comment on function app.choose_doctor(app.appointments) is
    'The doctor whose turn it is for this appointment, and why: the figures of the chosen one and, in the order of their
turn, of the others who were free. Nulls when nobody is free or an admin assigns.';
-- end of sql/app/appointments/choose_doctor.sql

-- from sql/app/appointments/confirm_appointment.sql
-- A verified payment never fails: without a free doctor the appointment is confirmed all the same, and admins are told.
create or replace function app.confirm_appointment(appointment_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_appointment app.appointments;
    v_doctor record;
    v_payload jsonb;
begin
    select a.* into strict v_appointment from app.appointments a where a.id = appointment_id;
    perform app.find_slot(v_appointment.start_at, v_appointment.end_at);  -- slots come before doctors in the lock order
    v_doctor := app.choose_doctor(v_appointment);
    update app.appointments a
    set status = 'CONFIRMED', hold_expires_at = null, doctor_id = v_doctor.doctor_id,
        assignment_reason = v_doctor.reason,
        assigned_at = case when v_doctor.doctor_id is not null then clock_timestamp() end
    where a.id = appointment_id
    returning a.* into v_appointment;
    update app.consultations c set status = 'SCHEDULED' where c.id = v_appointment.consultation_id;
    v_payload := jsonb_build_object(
        'consultation_id', v_appointment.consultation_id, 'appointment_id', appointment_id,
        'start_at', v_appointment.start_at, 'doctor_id', v_doctor.doctor_id);
    perform app.notify_admins('SLOT_SELECTED', v_payload);
    if v_doctor.doctor_id is null then
        perform app.notify_admins('DOCTOR_UNASSIGNED', v_payload);
    end if;
    perform app.report_over_capacity(array[tstzrange(v_appointment.start_at, v_appointment.end_at)])
    where exists (  -- it was held before the closure, which reported only what was confirmed
        select from app.closures x where x.start_at < v_appointment.end_at and x.end_at > v_appointment.start_at);
    perform app.notify_user(v_appointment.user_id, 'APPOINTMENT_CONFIRMED', v_payload);
    perform app.queue_sms(v_appointment.user_id, 'APPOINTMENT_CONFIRMED', appointment_id::text,
        app.render_sms(c.sms_confirmed_template, v_appointment.consultation_id, v_appointment.start_at))
    from app.system_config c;
end
$$;

comment on function app.confirm_appointment(uuid) is
    'Confirms the held seat of a locked, paid consultation: doctor, SCHEDULED, notifications, one SMS.';
-- end of sql/app/appointments/confirm_appointment.sql

-- from sql/app/appointments/hold_seat.sql
create or replace function app.hold_seat(
    consultation app.consultations,
    seat app.appointments,
    start_at timestamptz,
    end_at timestamptz
)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_appointment_id uuid := seat.id;
begin
    if seat.id is null then
        v_appointment_id := app.take_seat(consultation, start_at, end_at);
    elsif not app.move_seat(seat, start_at, end_at) then
        v_appointment_id := null;
    end if;
    if v_appointment_id is null then
        perform app.refuse_seat(start_at, end_at);
    elsif consultation.status = 'PAID' then
        perform app.confirm_appointment(v_appointment_id);
    elsif consultation.status = 'DETAILS_SUBMITTED' then
        update app.consultations c set status = 'SLOT_HELD' where c.id = consultation.id;
    end if;
    return v_appointment_id;
end
$$;

comment on function app.hold_seat(app.consultations, app.appointments, timestamptz, timestamptz) is
    'Takes a seat for the consultation or moves the one it has; a paid one is confirmed at once. SLOT_FULL,
SLOT_NOT_OFFERED.';
-- end of sql/app/appointments/hold_seat.sql

-- from sql/api/hold_slot.sql
-- The way to a seat. Locks in the order consultation, person, slots by time; capacity itself is not decided here but by
-- the constraints of app.appointments.
create or replace function api.hold_slot(consultation_id uuid, start_at timestamptz default null)
returns api.appointments
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
    v_seat app.appointments;
    v_end_at timestamptz;
    v_appointment_id uuid;
    v_result api.appointments;
begin
    if start_at is null then
        perform app.fail_validation('{"start_at": "Give the start."}');
    end if;
    v_seat := app.live_appointment(v_consultation.id);
    if v_seat.hold_expires_at <= clock_timestamp() then
        perform app.release_lapsed_holds(array[v_seat.id]);
        v_seat := app.live_appointment(v_consultation.id);
        v_consultation := app.lock_own_consultation(v_consultation.id);
    end if;
    perform app.require_holdable(v_consultation, v_seat);
    if v_seat.start_at is distinct from hold_slot.start_at then
        v_end_at := app.require_offered_slot(start_at);
        if v_consultation.status <> 'PAID' then  -- a paid seat is confirmed at once: nothing is held
            perform app.require_hold_allowance(v_consultation.user_id, v_consultation.id);
        end if;
        v_appointment_id := app.hold_seat(v_consultation, v_seat, start_at, v_end_at);
    end if;
    select a.* into strict v_result from api.appointments a where a.id = coalesce(v_appointment_id, v_seat.id);
    return v_result;
end
$$;

comment on function api.hold_slot(uuid, timestamptz) is
E'Hold a slot\n\nKeeps a seat in the slot that begins at start_at (an instant with its offset) for a quarter of an hour, or
confirms it at once when the consultation is PAID and has none. The same slot again gives the same hold; another slot
moves it, and its end stays. Gives the appointment. SLOT_FULL (details: the nearest free slots), SLOT_NOT_OFFERED
(details: the rule), INVALID_STATE, PAYMENT_IN_PROGRESS, TOO_MANY_HOLDS, NOT_FOUND, VALIDATION_FAILED. For owners.';
grant execute on function api.hold_slot(uuid, timestamptz) to app_user;
-- end of sql/api/hold_slot.sql

-- from sql/app/payments/cancel_open_payment.sql
-- The owner may be paying at this moment: the attempt is closed for us and stays under reconciliation.
create or replace function app.cancel_open_payment(consultation_id uuid)
returns void
language sql
set search_path = ''
as $$
    update app.payments p
    set status = 'CANCELED',
        next_inquiry_at = case when p.authority is not null then clock_timestamp() + interval '1 minute' end
    where p.consultation_id = cancel_open_payment.consultation_id and p.status in ('INITIATED', 'PENDING')
$$;

comment on function app.cancel_open_payment(uuid) is 'Closes the locked consultation''s open attempt as CANCELED.';
-- end of sql/app/payments/cancel_open_payment.sql

-- from sql/api/release_hold.sql
create or replace function api.release_hold(consultation_id uuid)
returns api.consultations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
begin
    perform app.require_status(v_consultation, 'SLOT_HELD', 'PAYMENT_INITIATED');
    perform app.cancel_open_payment(v_consultation.id);
    perform app.cancel_hold(v_consultation.id, 'RELEASED');
    update app.consultations c set status = 'DETAILS_SUBMITTED' where c.id = v_consultation.id;
    return app.show_consultation(v_consultation.id);
end
$$;

comment on function api.release_hold(uuid) is
E'Release the held slot\n\nAlso while paying: the open attempt becomes CANCELED. Gives the consultation. NOT_FOUND,
INVALID_STATE. For owners.';
grant execute on function api.release_hold(uuid) to app_user;
-- end of sql/api/release_hold.sql

-- from sql/api/cancel_consultation.sql
create or replace function api.cancel_consultation(consultation_id uuid)
returns api.consultations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
begin
    perform app.require_status(v_consultation, 'DRAFT', 'DETAILS_SUBMITTED', 'SLOT_HELD', 'PAYMENT_INITIATED');
    perform app.cancel_open_payment(v_consultation.id);
    perform app.cancel_hold(v_consultation.id, 'CONSULTATION_CLOSED');
    update app.consultations c set status = 'CANCELED' where c.id = v_consultation.id;
    return app.show_consultation(v_consultation.id);
end
$$;

comment on function api.cancel_consultation(uuid) is
E'Cancel an unpaid consultation\n\nAlso while paying: should that payment still succeed, a refund is due. Gives the
consultation. NOT_FOUND, INVALID_STATE. For owners.';
grant execute on function api.cancel_consultation(uuid) to app_user;
-- end of sql/api/cancel_consultation.sql

-- from sql/api/read_notification.sql
create or replace function api.read_notification(notification_id uuid)
returns api.notifications
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_result api.notifications;
begin
    update app.notifications n set is_read = true
    where n.id = notification_id
      and (n.user_id = app.current_user_id()
           or (n.target_role = 'ADMIN' and app.claims() ->> 'role' = 'app_admin'))
    returning n.id, n.type, n.payload, n.is_read, n.created_at into v_result;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such notification.');
    end if;
    return v_result;
end
$$;

comment on function api.read_notification(uuid) is
E'Mark a notification as read\n\nGives the notification. NOT_FOUND. For everybody who is signed in.';
grant execute on function api.read_notification(uuid) to app_user, app_doctor, app_admin;
-- end of sql/api/read_notification.sql

-- from sql/app/payments/lock_payment.sql
-- Consultation before payment, as everywhere: the id is read unlocked first to keep that order.
create or replace function app.lock_payment(payment_id uuid)
returns app.payments
language plpgsql
set search_path = ''
as $$
declare
    v_payment app.payments;
begin
    perform from app.consultations c
    where c.id = (select p.consultation_id from app.payments p where p.id = payment_id)
    for no key update;
    select p.* into v_payment from app.payments p where p.id = payment_id for no key update;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such payment.');
    end if;
    return v_payment;
end
$$;

comment on function app.lock_payment(uuid) is 'Locks the payment''s consultation, then the payment. NOT_FOUND.';
-- end of sql/app/payments/lock_payment.sql

-- from sql/app/payments/open_payment.sql
-- An attempt that has been waiting for its authority for more than a minute was left by a crash between the two
-- transactions: nobody was sent to the gateway with it.
create or replace function app.open_payment(consultation_id uuid)
returns app.payments
language plpgsql
set search_path = ''
as $$
declare
    v_payment app.payments;
begin
    update app.payments p set status = 'FAILED'
    where p.consultation_id = open_payment.consultation_id
      and p.status = 'INITIATED' and p.authority is null
      and p.created_at < clock_timestamp() - interval '1 minute';
    select p.* into v_payment from app.payments p
    where p.consultation_id = open_payment.consultation_id and p.status in ('INITIATED', 'PENDING');
    return v_payment;
end
$$;

comment on function app.open_payment(uuid) is 'The locked consultation''s open attempt, or null; closes one left by a crash.';
-- end of sql/app/payments/open_payment.sql

-- from sql/app/payments/create_payment.sql
create or replace function app.create_payment(consultation app.consultations, provider app.payment_provider)
returns app.payments
language plpgsql
set search_path = ''
as $$
declare
    v_hold app.appointments := app.live_appointment(consultation.id);
    v_payment app.payments;
begin
    if v_hold.id is null or v_hold.hold_expires_at <= clock_timestamp() then
        perform app.fail('INVALID_STATE', 'The hold has run out. Choose a slot again.',
                         jsonb_build_object('status', consultation.status));
    end if;
    -- Once per hold: a second attempt on the same seat finds the first one.
    update app.appointments a
    set hold_expires_at = greatest(
        a.hold_expires_at, clock_timestamp() + make_interval(mins => c.payment_window_minutes))
    from app.system_config c
    where a.id = v_hold.id and not exists (select from app.payments p where p.appointment_id = a.id);
    insert into app.payments as p (consultation_id, appointment_id, user_id, provider, amount_toman, expires_at)
    select consultation.id, a.id, consultation.user_id, provider, consultation.base_price_toman, a.hold_expires_at
    from app.appointments a
    where a.id = v_hold.id
    returning p.* into v_payment;
    return v_payment;
end
$$;

comment on function app.create_payment(app.consultations, app.payment_provider) is
    'A new attempt for the live hold, which is extended to the payment window once. INVALID_STATE.';
-- end of sql/app/payments/create_payment.sql

-- from sql/app/payments/close_unpaid.sql
create or replace function app.close_unpaid(payment app.payments, is_genuine boolean)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update app.payments p
    set status = case when is_genuine then 'FAILED' else 'EXPIRED' end::app.payment_status
    where p.id = payment.id;
    perform app.cancel_hold(payment.consultation_id, 'PAYMENT_FAILED');
    update app.consultations c set status = 'DETAILS_SUBMITTED'
    where c.id = payment.consultation_id and c.status in ('SLOT_HELD', 'PAYMENT_INITIATED');
end
$$;

comment on function app.close_unpaid(app.payments, boolean) is
    'Nobody paid: FAILED after a genuine callback, else EXPIRED; the seat is free and the owner may choose again.';
-- end of sql/app/payments/close_unpaid.sql

-- from sql/app/payments/retake_seat.sql
create or replace function app.retake_seat(
    payment app.payments,
    consultation app.consultations,
    hold_for interval
)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_seat app.appointments;
begin
    select a.* into strict v_seat from app.appointments a where a.id = payment.appointment_id;
    if v_seat.start_at <= clock_timestamp() or exists (
        select from app.closures x where x.start_at < v_seat.end_at and x.end_at > v_seat.start_at
    ) then
        return null;
    end if;
    return app.take_seat(consultation, v_seat.start_at, v_seat.end_at, hold_for);
end
$$;

comment on function app.retake_seat(app.payments, app.consultations, interval) is
    'Holds a seat in the slot that was paid for and lost; null when that is full, past or closed.';
-- end of sql/app/payments/retake_seat.sql

-- from sql/app/payments/refund_unusable.sql
create or replace function app.refund_unusable(payment app.payments, consultation app.consultations)
returns void
language sql
set search_path = ''
as $$
    insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
    values (
        payment.id, payment.amount_toman, payment.amount_toman,
        case
            when consultation.status in ('PAID', 'SCHEDULED', 'COMPLETED') and consultation.deleted_at is null
            then 'SURPLUS' else 'CONSULTATION_CLOSED'
        end::app.refund_reason
    )
    on conflict on constraint refunds_payment_id_key do nothing
$$;

comment on function app.refund_unusable(app.payments, app.consultations) is
    'Makes a refund due for money that the consultation can no longer use.';
-- end of sql/app/payments/refund_unusable.sql

-- from sql/app/payments/report_lost_slot.sql
create or replace function app.report_lost_slot(payment app.payments)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_seat app.appointments;
    v_payload jsonb;
begin
    select a.* into strict v_seat from app.appointments a where a.id = payment.appointment_id;
    v_payload := jsonb_build_object(
        'consultation_id', payment.consultation_id, 'payment_id', payment.id, 'start_at', v_seat.start_at);
    perform app.notify_admins('SLOT_LOST', v_payload);
    perform app.notify_user(payment.user_id, 'SLOT_LOST', v_payload);
    perform app.queue_sms(payment.user_id, 'SLOT_LOST', payment.id::text,
        app.render_sms(c.sms_slot_lost_template, payment.consultation_id, v_seat.start_at))
    from app.system_config c;
end
$$;

comment on function app.report_lost_slot(app.payments) is
    'Paid, but the seat is gone: tells the admins and the owner, who may choose another slot on the same money.';
-- end of sql/app/payments/report_lost_slot.sql

-- from sql/app/payments/report_unclear.sql
create or replace function app.report_unclear(payment app.payments)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update app.payments p set unclear_at = clock_timestamp() where p.id = payment.id and p.unclear_at is null;
    if found then
        perform app.notify_admins('PAYMENT_UNCLEAR', jsonb_build_object(
            'consultation_id', payment.consultation_id, 'payment_id', payment.id, 'amount_toman', payment.amount_toman));
    end if;
end
$$;

comment on function app.report_unclear(app.payments) is
    'Tells the admins, once a payment, that the gateway refuses to say whether it was paid (a setting or an amount).';
-- end of sql/app/payments/report_unclear.sql

-- from sql/app/payments/keep_seat.sql
-- A payer who came back must not lose the seat to somebody else while the gateway is asked: a hold that runs out sooner
-- lasts until the lease ends, a seat that was lost is held again for as long. Only for an open attempt, and once: a
-- callback can be replayed, and must not keep a seat for nothing.
create or replace function app.keep_seat(payment app.payments, lease interval)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_until timestamptz := clock_timestamp() + lease;
    v_seat app.appointments := app.live_appointment(payment.consultation_id);
    v_consultation app.consultations;
begin
    if payment.status <> 'PENDING' or payment.seat_kept_at is not null or v_seat.hold_expires_at >= v_until then
        return;
    end if;
    if v_seat.id is not null then
        update app.appointments a set hold_expires_at = v_until where a.id = v_seat.id;
    else
        select c.* into strict v_consultation from app.consultations c where c.id = payment.consultation_id;
        v_seat.id := app.retake_seat(payment, v_consultation, lease);
        -- It was let go when the seat was lost before the gateway had given an authority.
        update app.consultations c set status = 'SLOT_HELD'
        where c.id = payment.consultation_id and c.status = 'DETAILS_SUBMITTED' and v_seat.id is not null;
    end if;
    update app.payments p
    set seat_kept_at = clock_timestamp(), appointment_id = v_seat.id
    where p.id = payment.id and v_seat.id is not null;
end
$$;

comment on function app.keep_seat(app.payments, interval) is
    'Keeps the seat of an open attempt, or takes it back when it is free, while the gateway is asked; once an attempt.';
-- end of sql/app/payments/keep_seat.sql

-- from sql/app/payments/cancel_paid_consultation.sql
create or replace function app.cancel_paid_consultation(consultation_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update app.appointments a set status = 'CANCELED', cancel_reason = 'CONSULTATION_CLOSED'
    where a.consultation_id = cancel_paid_consultation.consultation_id and a.status = 'CONFIRMED';
    update app.consultations c set status = 'CANCELED'
    where c.id = cancel_paid_consultation.consultation_id and c.status in ('PAID', 'SCHEDULED');
end
$$;

comment on function app.cancel_paid_consultation(uuid) is
    'Ends the locked consultation whose money goes back, and frees its seat; one that is COMPLETED stays so.';
-- end of sql/app/payments/cancel_paid_consultation.sql

-- from sql/app/payments/settle_paid.sql
-- The money is proved. It ends in exactly one of: a confirmed seat, a consultation that waits for one (PAID), a refund.
create or replace function app.settle_paid(payment app.payments)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_consultation app.consultations;
    v_appointment_id uuid;
    v_payload jsonb;
begin
    select c.* into strict v_consultation from app.consultations c where c.id = payment.consultation_id;
    if v_consultation.deleted_at is not null
       or v_consultation.status not in ('DETAILS_SUBMITTED', 'SLOT_HELD', 'PAYMENT_INITIATED') then
        perform app.refund_unusable(payment, v_consultation);
        return;
    end if;
    v_payload := jsonb_build_object(
        'consultation_id', v_consultation.id, 'payment_id', payment.id, 'amount_toman', payment.amount_toman);
    perform app.cancel_open_payment(v_consultation.id);
    update app.consultations c set status = 'PAID' where c.id = v_consultation.id;
    perform app.notify_admins('NEW_CONSULTATION', v_payload);
    perform app.notify_user(v_consultation.user_id, 'PAYMENT_SUCCESS', v_payload);
    v_appointment_id := coalesce(
        (app.live_appointment(v_consultation.id)).id,
        app.retake_seat(payment, v_consultation, interval '1 minute'));  -- it is confirmed at once
    if v_appointment_id is not null then
        update app.payments p set appointment_id = v_appointment_id where p.id = payment.id;
        perform app.confirm_appointment(v_appointment_id);
    else
        perform app.report_lost_slot(payment);
    end if;
end
$$;

comment on function app.settle_paid(app.payments) is
    'Puts a payment that was just VERIFIED to its use: a seat, a new choice of slot, or a refund.';
-- end of sql/app/payments/settle_paid.sql

-- from sql/app/payments/record_paid.sql
create or replace function app.record_paid(payment app.payments, ref_id text, card_pan text, raw_response jsonb)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update app.payments p
    set status = 'VERIFIED',
        ref_id = record_paid.ref_id,
        card_pan = record_paid.card_pan,
        raw_response = record_paid.raw_response,
        paid_at = clock_timestamp(),
        settle_until = null,
        next_inquiry_at = null
    where p.id = payment.id;
    perform app.settle_paid(payment);
end
$$;

comment on function app.record_paid(app.payments, text, text, jsonb) is
    'VERIFIED, with the gateway''s reference and the masked card; then the money is put to its use.';
-- end of sql/app/payments/record_paid.sql

-- from sql/app/payments/record_unpaid.sql
-- A closed attempt is asked again for a day after it was made, or for a week while nobody can say: that is how late
-- truth is found.
create or replace function app.record_unpaid(
    payment app.payments,
    is_known boolean,
    is_genuine boolean,
    raw_response jsonb
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_now timestamptz := clock_timestamp();
    v_is_open boolean := payment.status in ('INITIATED', 'PENDING');
    v_pause interval := least(interval '10 minutes', interval '1 minute' * power(2, least(payment.settle_attempts, 5)));
begin
    if is_known and v_is_open and (is_genuine or payment.expires_at <= v_now) then
        perform app.close_unpaid(payment, is_genuine);
        v_is_open := false;
    end if;
    update app.payments p
    set raw_response = coalesce(nullif(record_unpaid.raw_response, '{}'), p.raw_response),
        settle_until = null,
        next_inquiry_at = case
            when v_is_open and is_known then v_now + interval '1 minute'
            when v_is_open then v_now + v_pause
            when p.created_at > v_now - case when is_known then interval '1 day' else interval '7 days' end
                then v_now + v_pause
        end
    where p.id = payment.id;
end
$$;

comment on function app.record_unpaid(app.payments, boolean, boolean, jsonb) is
    'Not paid (closes the attempt when it may) or unknown (is_known false: asked again later, never reported as failed).';
-- end of sql/app/payments/record_unpaid.sql

-- from sql/sidecar/begin_payment.sql
-- The sidecar acts for the signed-in owner here: it has set their claims and checked their session.
create or replace function sidecar.begin_payment(
    consultation_id uuid,
    provider app.payment_provider,
    out payment_id uuid,
    out nonce text,
    out status app.payment_status,
    out authority text,
    out amount_toman bigint,
    out amount_rials bigint,
    out mobile text,
    out is_new boolean
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
    v_payment app.payments;
begin
    perform app.require_status(v_consultation, 'SLOT_HELD', 'PAYMENT_INITIATED');
    v_payment := app.open_payment(v_consultation.id);
    is_new := v_payment.id is null;
    if is_new then
        v_payment := app.create_payment(v_consultation, provider);
    end if;
    payment_id := v_payment.id;
    nonce := v_payment.nonce;
    status := v_payment.status;
    authority := v_payment.authority;
    amount_toman := v_payment.amount_toman;
    amount_rials := v_payment.amount_rials;
    select u.mobile into mobile from app.users u where u.id = v_consultation.user_id;
end
$$;

comment on function sidecar.begin_payment(uuid, app.payment_provider) is
    'The open attempt to pay for the live hold, or a new one (INITIATED). Not new and without an authority: another
request is asking the gateway right now. NOT_FOUND, INVALID_STATE.';
grant execute on function sidecar.begin_payment(uuid, app.payment_provider) to sidecar;
-- end of sql/sidecar/begin_payment.sql

-- from sql/sidecar/record_authority.sql
create or replace function sidecar.record_authority(
    payment_id uuid,
    authority text,
    raw_request jsonb,
    raw_response jsonb
)
returns app.payment_status
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments := app.lock_payment(payment_id);
begin
    update app.payments p
    set authority = record_authority.authority,
        raw_request = record_authority.raw_request,
        raw_response = record_authority.raw_response,
        -- Given up while the gateway was thinking: the authority is kept, and reconciliation watches it.
        status = case p.status when 'INITIATED' then 'PENDING' else p.status end,
        next_inquiry_at = clock_timestamp() + interval '1 minute'
    where p.id = payment_id
    returning p.* into v_payment;
    update app.consultations c set status = 'PAYMENT_INITIATED'
    where c.id = v_payment.consultation_id and c.status = 'SLOT_HELD' and v_payment.status = 'PENDING';
    return v_payment.status;
end
$$;

comment on function sidecar.record_authority(uuid, text, jsonb, jsonb) is
    'Stores what the gateway gave for the attempt: PENDING, or what it became meanwhile.';
grant execute on function sidecar.record_authority(uuid, text, jsonb, jsonb) to sidecar;
-- end of sql/sidecar/record_authority.sql

-- from sql/sidecar/fail_payment_request.sql
create or replace function sidecar.fail_payment_request(payment_id uuid, raw_request jsonb, raw_response jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.lock_payment(payment_id);
    update app.payments p
    set status = 'FAILED',
        raw_request = fail_payment_request.raw_request,
        raw_response = fail_payment_request.raw_response
    where p.id = payment_id and p.status = 'INITIATED';
end
$$;

comment on function sidecar.fail_payment_request(uuid, jsonb, jsonb) is
    'The gateway gave no authority: the attempt is FAILED, the hold stays, and the owner may try again.';
grant execute on function sidecar.fail_payment_request(uuid, jsonb, jsonb) to sidecar;
-- end of sql/sidecar/fail_payment_request.sql

-- from sql/sidecar/find_payment.sql
create or replace function sidecar.find_payment(authority text, nonce text)
returns table (payment_id uuid, is_genuine boolean)
language sql
stable
security definer
set search_path = ''
as $$
    select p.id, coalesce(p.nonce = find_payment.nonce, false)
    from app.payments p
    where p.authority = find_payment.authority
$$;

comment on function sidecar.find_payment(text, text) is
    'The attempt behind a callback; genuine only with its nonce, since authorities can be guessed.';
grant execute on function sidecar.find_payment(text, text) to sidecar;
-- end of sql/sidecar/find_payment.sql

-- from sql/sidecar/begin_settlement.sql
-- First of the two transactions of a settlement. The lease keeps two settlers from asking at once, and ends by itself
-- when one dies. Only VERIFIED is final: whatever was closed is asked again. A payer who came back keeps the seat while
-- the gateway is asked; see docs/decisions/0005.
create or replace function sidecar.begin_settlement(
    payment_id uuid,
    lease interval,
    is_genuine boolean default false,
    out action text,
    out provider app.payment_provider,
    out authority text,
    out amount_toman bigint,
    out amount_rials bigint,
    out lease_token uuid
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments := app.lock_payment(payment_id);
begin
    action := case
        when v_payment.status = 'VERIFIED' then 'settled'
        when v_payment.authority is null then 'unasked'
        when v_payment.settle_until > clock_timestamp() then 'busy'
        else 'ask'
    end;
    provider := v_payment.provider;
    authority := v_payment.authority;
    amount_toman := v_payment.amount_toman;
    amount_rials := v_payment.amount_rials;
    if action = 'ask' then
        lease_token := app.new_id();
        update app.payments p
        set settle_token = lease_token,
            settle_until = clock_timestamp() + lease,
            settle_attempts = p.settle_attempts + 1
        where p.id = payment_id;
        if is_genuine then
            perform app.keep_seat(v_payment, lease);
        end if;
    end if;
end
$$;

comment on function sidecar.begin_settlement(uuid, interval, boolean) is
    'Takes the lease on an attempt. action: ask, settled, busy (somebody else is asking) or unasked (no gateway knows it).';
grant execute on function sidecar.begin_settlement(uuid, interval, boolean) to sidecar;
-- end of sql/sidecar/begin_settlement.sql

-- from sql/sidecar/finish_settlement.sql
-- Second transaction: record what the gateway said. PAID is the truth, whoever brings it; anything else counts only
-- from the holder of the lease, and closes an attempt only after a genuine callback or its deadline.
create or replace function sidecar.finish_settlement(
    payment_id uuid,
    lease_token uuid,
    outcome text,
    is_genuine boolean,
    ref_id text,
    card_pan text,
    raw_response jsonb
)
returns app.payment_status
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments := app.lock_payment(payment_id);
begin
    if v_payment.status = 'VERIFIED' then
        null;
    elsif outcome = 'PAID' then
        perform app.record_paid(v_payment, ref_id, card_pan, raw_response);
    elsif v_payment.settle_token = lease_token then
        perform app.record_unpaid(v_payment, outcome = 'NOT_PAID', is_genuine, raw_response);
        if outcome = 'MISCONFIGURED' then
            perform app.report_unclear(v_payment);
        end if;
    end if;
    return (select p.status from app.payments p where p.id = payment_id);
end
$$;

comment on function sidecar.finish_settlement(uuid, uuid, text, boolean, text, text, jsonb) is
    'Records the gateway''s answer (PAID, NOT_PAID, UNKNOWN, MISCONFIGURED) and gives the payment''s status after it.';
grant execute on function sidecar.finish_settlement(uuid, uuid, text, boolean, text, text, jsonb) to sidecar;
-- end of sql/sidecar/finish_settlement.sql

-- from sql/sidecar/payment_result.sql
create or replace function sidecar.payment_result(payment_id uuid)
returns table (consultation_id uuid, status app.payment_status, ref_id text)
language sql
stable
security definer
set search_path = ''
as $$
    select p.consultation_id, p.status, p.ref_id from app.payments p where p.id = payment_result.payment_id
$$;

comment on function sidecar.payment_result(uuid) is 'What a callback may say about the payment.';
grant execute on function sidecar.payment_result(uuid) to sidecar;
-- end of sql/sidecar/payment_result.sql

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
        where d.next_inquiry_at <= clock_timestamp()
        order by d.next_inquiry_at
        limit max_rows
        for no key update skip locked))
    returning p.id
$$;

comment on function sidecar.claim_settlements(integer, interval) is
    'Takes up to max_rows attempts that it is time to ask the gateway about, for the lease.';
grant execute on function sidecar.claim_settlements(integer, interval) to sidecar;
-- end of sql/sidecar/claim_settlements.sql

-- from sql/sidecar/claim_unverified_list.sql
create or replace function sidecar.claim_unverified_list(provider app.payment_provider, pause interval)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into app.unverified_lists as l (provider, read_at)
    values (claim_unverified_list.provider, clock_timestamp())
    on conflict on constraint unverified_lists_pkey do update
        set read_at = excluded.read_at
        where l.read_at <= excluded.read_at - pause;
    return found;
end
$$;

comment on function sidecar.claim_unverified_list(app.payment_provider, interval) is
    'Whether to read this gateway''s list of unverified payments now: true for one of all that ask within the pause.';
grant execute on function sidecar.claim_unverified_list(app.payment_provider, interval) to sidecar;
-- end of sql/sidecar/claim_unverified_list.sql

-- from sql/sidecar/match_unverified.sql
create or replace function sidecar.match_unverified(provider app.payment_provider, authorities text[])
returns setof uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_authority text;
begin
    for v_authority in
        insert into app.unknown_authorities as u (provider, authority)
        select match_unverified.provider, l.authority
        from (select distinct a as authority from unnest(authorities) as a) l
        where not exists (
            select from app.payments p where p.provider = match_unverified.provider and p.authority = l.authority)
        on conflict on constraint unknown_authorities_pkey do nothing
        returning u.authority
    loop
        perform app.notify_admins('UNKNOWN_AUTHORITY', jsonb_build_object(
            'provider', match_unverified.provider, 'authority', v_authority));
    end loop;
    return query
    select p.id from app.payments p
    where p.provider = match_unverified.provider and p.authority = any (authorities) and p.status <> 'VERIFIED';
end
$$;

comment on function sidecar.match_unverified(app.payment_provider, text[]) is
    'Our attempts among those that a gateway lists as paid and unverified; shows admins, once, what is not ours.';
grant execute on function sidecar.match_unverified(app.payment_provider, text[]) to sidecar;
-- end of sql/sidecar/match_unverified.sql

-- from sql/sidecar/request_settlement.sql
create or replace function sidecar.request_settlement(payment_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    if not exists (select from app.payments p where p.id = payment_id) then
        perform app.fail('NOT_FOUND', 'There is no such payment.');
    end if;
    perform app.audit('PAYMENT_SETTLEMENT_REQUESTED', 'payment', payment_id);
end
$$;

comment on function sidecar.request_settlement(uuid) is
    'Notes that the signed-in admin wants the gateway asked about a payment. FORBIDDEN, NOT_FOUND.';
grant execute on function sidecar.request_settlement(uuid) to sidecar;
-- end of sql/sidecar/request_settlement.sql

-- from sql/sidecar/request_refund.sql
-- Giving money back that is in use ends what it pays for, in the same transaction: nobody keeps a seat without paying.
create or replace function sidecar.request_refund(payment_id uuid, amount_toman bigint default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments;
    v_consultation app.consultations;
begin
    perform app.require_admin();
    v_payment := app.lock_payment(payment_id);
    perform app.fail_validation(jsonb_build_object('amount_toman', case
        when amount_toman not between 1 and v_payment.amount_toman
        then format('should be from 1 to %s', v_payment.amount_toman) end));
    if v_payment.status <> 'VERIFIED' then
        perform app.fail('INVALID_STATE', 'Only a verified payment can be refunded.',
                         jsonb_build_object('status', v_payment.status));
    end if;
    update app.refunds r set amount_toman = request_refund.amount_toman
    where r.payment_id = v_payment.id and r.status = 'DUE' and r.amount_toman <> request_refund.amount_toman;
    if exists (select from app.refunds r where r.payment_id = v_payment.id) then
        return;
    end if;
    select c.* into strict v_consultation from app.consultations c where c.id = v_payment.consultation_id;
    perform app.cancel_paid_consultation(v_consultation.id);
    insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
    values (
        v_payment.id, v_payment.amount_toman, coalesce(request_refund.amount_toman, v_payment.amount_toman),
        case v_consultation.status when 'COMPLETED' then 'GOODWILL' else 'ADMIN_CANCELED' end::app.refund_reason);
end
$$;

comment on function sidecar.request_refund(uuid, bigint) is
    'Makes a refund due for the signed-in admin, of the whole payment unless an amount is given, and cancels the
consultation that it pays for. FORBIDDEN, NOT_FOUND, VALIDATION_FAILED, INVALID_STATE.';
grant execute on function sidecar.request_refund(uuid, bigint) to sidecar;
-- end of sql/sidecar/request_refund.sql

-- from sql/sidecar/begin_refund.sql
-- First of the two transactions of a refund, like begin_settlement: the lease keeps two from giving the money back at
-- once. The gateway reverses whole payments, for half an hour after they were made (Zarinpal's reverse).
create or replace function sidecar.begin_refund(
    payment_id uuid,
    lease interval,
    is_by_hand boolean,
    out action text,
    out provider app.payment_provider,
    out authority text,
    out is_reversible boolean,
    out is_doubtful boolean,
    out lease_token uuid
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments := app.lock_payment(payment_id);
    v_refund app.refunds;
begin
    select r.* into v_refund from app.refunds r where r.payment_id = v_payment.id;
    action := case
        when v_refund.id is null then 'none'
        when v_refund.status <> 'DUE' then 'done'
        when v_refund.settle_until > clock_timestamp() then 'busy'
        else 'ask'
    end;
    provider := v_payment.provider;
    authority := v_payment.authority;
    is_reversible := v_refund.amount_toman = v_payment.amount_toman
        and v_payment.paid_at > clock_timestamp() - interval '30 minutes';
    is_doubtful := v_refund.asked_at is not null and v_refund.gateway_code is null;
    if action = 'ask' then
        lease_token := app.new_id();
        update app.refunds r
        set settle_token = lease_token,
            settle_until = clock_timestamp() + lease,
            asked_at = case when is_reversible and not is_by_hand then clock_timestamp() else r.asked_at end
        where r.id = v_refund.id;
    end if;
end
$$;

comment on function sidecar.begin_refund(uuid, interval, boolean) is
    'Takes the lease on the payment''s refund. action: ask, done, busy (somebody else is at it) or none (nothing is due).
Doubtful: a reversal was asked for, and its answer never came.';
grant execute on function sidecar.begin_refund(uuid, interval, boolean) to sidecar;
-- end of sql/sidecar/begin_refund.sql

-- from sql/sidecar/finish_refund.sql
create or replace function sidecar.finish_refund(
    payment_id uuid,
    lease_token uuid,
    status app.refund_status,
    reference text,
    gateway_code integer
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments := app.lock_payment(payment_id);
begin
    update app.refunds r
    set status = finish_refund.status,
        reference = finish_refund.reference,
        gateway_code = coalesce(finish_refund.gateway_code, r.gateway_code),
        settle_until = null
    where r.payment_id = v_payment.id and r.status = 'DUE'
      and (r.settle_token = lease_token or finish_refund.status = 'REVERSED');
    if found and finish_refund.status <> 'DUE' then
        perform app.notify_user(v_payment.user_id, 'REFUNDED', jsonb_build_object(
            'consultation_id', v_payment.consultation_id, 'payment_id', v_payment.id, 'how', finish_refund.status,
            'amount_toman', (select r.amount_toman from app.refunds r where r.payment_id = v_payment.id)));
    end if;
end
$$;

comment on function sidecar.finish_refund(uuid, uuid, app.refund_status, text, integer) is
    'Records that the money went back (REVERSED, TRANSFERRED with its reference), or that it is still DUE, and why. What
the gateway reversed is the truth, whoever brings it.';
grant execute on function sidecar.finish_refund(uuid, uuid, app.refund_status, text, integer) to sidecar;
-- end of sql/sidecar/finish_refund.sql

-- from sql/sidecar/due_refunds.sql
create or replace function sidecar.due_refunds(max_rows integer)
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
    select r.payment_id
    from app.refunds r
    join app.payments p on p.id = r.payment_id
    where r.status = 'DUE'
      and r.gateway_code is null
      and r.amount_toman = p.amount_toman
      and p.paid_at > clock_timestamp() - interval '30 minutes'
      and coalesce(r.settle_until, '-infinity') <= clock_timestamp()
    order by r.created_at
    limit max_rows
$$;

comment on function sidecar.due_refunds(integer) is
    'Payments whose refund is due, that the gateway can still reverse, and has not refused to.';
grant execute on function sidecar.due_refunds(integer) to sidecar;
-- end of sql/sidecar/due_refunds.sql

-- from sql/sidecar/refund_result.sql
create or replace function sidecar.refund_result(payment_id uuid)
returns table (
    refund_id uuid,
    amount_toman bigint,
    reason app.refund_reason,
    status app.refund_status,
    reference text,
    gateway_code integer
)
language sql
stable
security definer
set search_path = ''
as $$
    select r.id, r.amount_toman, r.reason, r.status, r.reference, r.gateway_code
    from app.refunds r where r.payment_id = refund_result.payment_id
$$;

comment on function sidecar.refund_result(uuid) is 'What an admin is told about the payment''s refund.';
grant execute on function sidecar.refund_result(uuid) to sidecar;
-- end of sql/sidecar/refund_result.sql

-- from sql/sidecar/mock_request.sql
create or replace function sidecar.mock_request(payment_id uuid, amount_toman bigint, callback_url text)
returns text
language sql
security definer
set search_path = ''
as $$
    insert into app.mock_bank_sessions as m (authority, payment_id, amount_toman, callback_url)
    values ('S' || upper(substring(encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'hex'), 1, 35)),
            mock_request.payment_id, mock_request.amount_toman, mock_request.callback_url)
    returning m.authority
$$;

comment on function sidecar.mock_request(uuid, bigint, text) is
    'Mock bank: opens a session; its authority has 36 characters and begins with S, like those of Zarinpal''s sandbox.';
grant execute on function sidecar.mock_request(uuid, bigint, text) to sidecar;
-- end of sql/sidecar/mock_request.sql

-- from sql/sidecar/mock_session.sql
create or replace function sidecar.mock_session(payment_id uuid)
returns table (authority text, amount_toman bigint, callback_url text, status text)
language sql
stable
security definer
set search_path = ''
as $$
    select m.authority, m.amount_toman, m.callback_url, m.status
    from app.mock_bank_sessions m where m.payment_id = mock_session.payment_id
$$;

comment on function sidecar.mock_session(uuid) is 'Mock bank: what its page shows.';
grant execute on function sidecar.mock_session(uuid) to sidecar;
-- end of sql/sidecar/mock_session.sql

-- from sql/sidecar/mock_pay.sql
create or replace function sidecar.mock_pay(payment_id uuid, is_paid boolean)
returns table (authority text, callback_url text, status text)
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.mock_bank_sessions m set status = case when is_paid then 'PAID' else 'FAILED' end
    where m.payment_id = mock_pay.payment_id and m.status = 'IN_BANK';
    return query
    select m.authority, m.callback_url, m.status
    from app.mock_bank_sessions m where m.payment_id = mock_pay.payment_id;
end
$$;

comment on function sidecar.mock_pay(uuid, boolean) is
    'Mock bank: the customer pays or fails, once; a second press changes nothing.';
grant execute on function sidecar.mock_pay(uuid, boolean) to sidecar;
-- end of sql/sidecar/mock_pay.sql

-- from sql/sidecar/mock_verify.sql
-- Codes as documented for Zarinpal: 100 paid, 101 verified before, -50 another amount, -51 not paid, -54 unknown.
create or replace function sidecar.mock_verify(
    authority text,
    amount_toman bigint,
    out code integer,
    out ref_id text,
    out card_pan text
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session app.mock_bank_sessions;
begin
    select m.* into v_session from app.mock_bank_sessions m where m.authority = mock_verify.authority for update;
    code := case
        when not found then -54
        when v_session.amount_toman <> mock_verify.amount_toman then -50
        when v_session.status = 'PAID' then 100
        when v_session.status = 'VERIFIED' then 101
        else -51
    end;
    if code in (100, 101) then
        ref_id := v_session.ref_id;
        card_pan := '502229******5995';
        update app.mock_bank_sessions m set status = 'VERIFIED' where m.authority = mock_verify.authority;
    end if;
end
$$;

comment on function sidecar.mock_verify(text, bigint) is 'Mock bank: verify, first 100 and then 101.';
grant execute on function sidecar.mock_verify(text, bigint) to sidecar;
-- end of sql/sidecar/mock_verify.sql

-- from sql/sidecar/mock_inquiry.sql
create or replace function sidecar.mock_inquiry(authority text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
    select m.status from app.mock_bank_sessions m where m.authority = mock_inquiry.authority
$$;

comment on function sidecar.mock_inquiry(text) is
    'Mock bank: IN_BANK, PAID, VERIFIED, FAILED or REVERSED; null when it knows no such authority.';
grant execute on function sidecar.mock_inquiry(text) to sidecar;
-- end of sql/sidecar/mock_inquiry.sql

-- from sql/sidecar/mock_unverified.sql
create or replace function sidecar.mock_unverified()
returns table (authority text, amount_toman bigint)
language sql
stable
security definer
set search_path = ''
as $$
    select m.authority, m.amount_toman from app.mock_bank_sessions m
    where m.status = 'PAID'
    order by m.created_at desc
    limit 100
$$;

comment on function sidecar.mock_unverified() is 'Mock bank: the latest 100 sessions that were paid and not verified.';
grant execute on function sidecar.mock_unverified() to sidecar;
-- end of sql/sidecar/mock_unverified.sql

-- from sql/sidecar/mock_reverse.sql
create or replace function sidecar.mock_reverse(authority text)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.mock_bank_sessions m set status = 'REVERSED'
    where m.authority = mock_reverse.authority and m.status in ('PAID', 'VERIFIED');
    return case when found then 100 else -61 end;
end
$$;

comment on function sidecar.mock_reverse(text) is 'Mock bank: gives the money back (100), or has none to give (-61).';
grant execute on function sidecar.mock_reverse(text) to sidecar;
-- end of sql/sidecar/mock_reverse.sql

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
        where q.status = 'QUEUED' and q.expires_at is not null and q.next_attempt_at <= clock_timestamp()
          and (q.expires_at <= clock_timestamp()
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
        where q.status = 'QUEUED' and q.next_attempt_at <= clock_timestamp()
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

-- from sql/app/sms/take_probe.sql
create or replace function app.take_probe(worker text, lease interval)
returns table (id uuid, number bigint, recipient text, body text, attempts integer, is_taken_over boolean)
language plpgsql
set search_path = ''
as $$
begin
    perform from app.sms_outages o
    where o.ended_at is null and o.next_probe_at <= clock_timestamp()
    for update skip locked;
    if not found then
        return;
    end if;
    select t.* into id, number, recipient, body, attempts, is_taken_over from app.take_sms(worker, 1, lease) t;
    if found then
        -- The next one comes when this one is decided, or when its worker must be dead.
        update app.sms_outages o set probe_id = take_probe.id, next_probe_at = clock_timestamp() + lease
        where o.ended_at is null;
        return next;
    end if;
end
$$;

comment on function app.take_probe(text, interval) is
    'During an outage: takes one message when a probe is due, so that one worker at a time asks the provider.';
-- end of sql/app/sms/take_probe.sql

-- from sql/app/sms/release_probe.sql
create or replace function app.release_probe(message_id uuid, delay interval)
returns void
language sql
set search_path = ''
as $$
    update app.sms_outages o set probe_id = null, next_probe_at = clock_timestamp() + delay
    where o.ended_at is null and o.probe_id = message_id
$$;

comment on function app.release_probe(uuid, interval) is
    'If the message was an outage''s probe, it has shown nothing: the next one may go after the delay.';
-- end of sql/app/sms/release_probe.sql

-- from sql/app/sms/end_outage.sql
create or replace function app.end_outage(message_ids uuid[])
returns void
language plpgsql
set search_path = ''
as $$
begin
    update app.sms_outages o set ended_at = clock_timestamp(), probe_id = null
    where o.ended_at is null and o.probe_id = any (message_ids);
    if found then
        perform pg_notify('sms_queued', '');
    end if;
end
$$;

comment on function app.end_outage(uuid[]) is 'Ends the outage whose probe is among the messages, and wakes the workers.';
-- end of sql/app/sms/end_outage.sql

-- from sql/sidecar/claim_sms.sql
create or replace function sidecar.claim_sms(worker text, max_rows integer, lease interval)
returns table (id uuid, number bigint, recipient text, body text, attempts integer, is_taken_over boolean)
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.drop_stale_sms();
    if exists (select from app.sms_outages o where o.ended_at is null) then
        return query select * from app.take_probe(worker, lease);
    else
        return query select * from app.take_sms(worker, max_rows, lease);
    end if;
end
$$;

comment on function sidecar.claim_sms(text, integer, interval) is
    'Takes up to max_rows messages that are due, for the lease; during an outage one at most, as a probe.';
grant execute on function sidecar.claim_sms(text, integer, interval) to sidecar;
-- end of sql/sidecar/claim_sms.sql

-- from sql/sidecar/finish_sms.sql
create or replace function sidecar.finish_sms(
    worker text, provider text, can_report boolean, ids uuid[], provider_message_ids text[]
)
returns uuid[]
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_sent uuid[];
begin
    with sent as (
        update app.sms_messages m
        set status = 'SENT', provider = finish_sms.provider, provider_message_id = s.provider_message_id,
            error = null, claimed_by = null, sent_at = clock_timestamp(),
            delivery = case when r.can_report then 'PENDING'::app.sms_delivery end,
            delivery_due_at = case when r.can_report then clock_timestamp() + interval '1 minute' end
        from unnest(ids, provider_message_ids) s (id, provider_message_id),
             lateral (select can_report and s.provider_message_id is not null as can_report) r
        where m.id = s.id and m.status = 'QUEUED' and m.claimed_by = worker
        returning m.id
    )
    select coalesce(array_agg(s.id), '{}') into v_sent from sent s;
    perform app.end_outage(v_sent);
    return v_sent;
end
$$;

comment on function sidecar.finish_sms(text, text, boolean, uuid[], text[]) is
    'SENT, many at once; gives those that were this worker''s to finish (another may have taken one over).';
grant execute on function sidecar.finish_sms(text, text, boolean, uuid[], text[]) to sidecar;
-- end of sql/sidecar/finish_sms.sql

-- from sql/sidecar/retry_sms.sql
create or replace function sidecar.retry_sms(id uuid, worker text, error text, delay interval)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.sms_messages m
    set error = retry_sms.error, claimed_by = null, next_attempt_at = clock_timestamp() + delay
    where m.id = retry_sms.id and m.status = 'QUEUED' and m.claimed_by = worker;
    if found then
        perform app.release_probe(retry_sms.id, interval '30 seconds');
        return true;
    end if;
    return false;
end
$$;

comment on function sidecar.retry_sms(uuid, text, text, interval) is
    'Puts the message back, to be claimed after the delay; false when another worker has taken it over.';
grant execute on function sidecar.retry_sms(uuid, text, text, interval) to sidecar;
-- end of sql/sidecar/retry_sms.sql

-- from sql/sidecar/renumber_sms.sql
-- Happens after a backup was restored, which forgot numbers that the provider remembers.
create or replace function sidecar.renumber_sms(id uuid, worker text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform setval('app.sms_messages_number_seq',
        greatest(nextval('app.sms_messages_number_seq'), extract(epoch from clock_timestamp())::bigint * 1000000));
    update app.sms_messages m
    set number = default, claimed_by = null, next_attempt_at = clock_timestamp()
    where m.id = renumber_sms.id and m.status = 'QUEUED' and m.claimed_by = worker;
    return found;
end
$$;

comment on function sidecar.renumber_sms(uuid, text) is
    'Puts the message back under a number that the provider has not seen, because its own means another message there.';
grant execute on function sidecar.renumber_sms(uuid, text) to sidecar;
-- end of sql/sidecar/renumber_sms.sql

-- from sql/sidecar/fail_sms.sql
create or replace function sidecar.fail_sms(id uuid, worker text, error text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.sms_messages m set status = 'FAILED', error = fail_sms.error, claimed_by = null
    where m.id = fail_sms.id and m.status = 'QUEUED' and m.claimed_by = worker;
    if found then
        perform app.release_probe(fail_sms.id, interval '1 second');
        return true;
    end if;
    return false;
end
$$;

comment on function sidecar.fail_sms(uuid, text, text) is
    'FAILED for good, with the error; false when another worker has taken it over.';
grant execute on function sidecar.fail_sms(uuid, text, text) to sidecar;
-- end of sql/sidecar/fail_sms.sql

-- from sql/sidecar/pause_sms.sql
-- The message is not to blame, so that the try does not count: but for the one that begins an outage, lest a message
-- that alone is refused like this should begin one for ever. Admins are told once an outage.
create or replace function sidecar.pause_sms(id uuid, worker text, provider text, error text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.sms_messages m set error = pause_sms.error, claimed_by = null, next_attempt_at = clock_timestamp()
    where m.id = pause_sms.id and m.status = 'QUEUED' and m.claimed_by = worker;
    if not found then
        return false;
    end if;
    insert into app.sms_outages (provider, reason) values (pause_sms.provider, pause_sms.error)
    on conflict do nothing;
    if found then
        perform app.notify_admins('SMS_PAUSED', jsonb_build_object('provider', provider, 'reason', error));
        return true;
    end if;
    update app.sms_messages m set attempts = m.attempts - 1 where m.id = pause_sms.id;
    update app.sms_outages o
    set failures = o.failures + 1, reason = pause_sms.error, probe_id = null,
        next_probe_at = clock_timestamp() + least(interval '30 seconds' * 2 ^ least(o.failures, 20),
                                                  interval '30 minutes') * (0.5 + random() / 2)
    where o.ended_at is null and o.probe_id = pause_sms.id;
    return true;
end
$$;

comment on function sidecar.pause_sms(uuid, text, text, text) is
    'The provider refuses us: puts the message back and pauses all sending, from half a minute to half an hour.';
grant execute on function sidecar.pause_sms(uuid, text, text, text) to sidecar;
-- end of sql/sidecar/pause_sms.sql

-- from sql/sidecar/probe_sms.sql
create or replace function sidecar.probe_sms()
returns void
language sql
security definer
set search_path = ''
as $$
    update app.sms_outages o set next_probe_at = clock_timestamp()
    where o.ended_at is null and o.probe_id is null
$$;

comment on function sidecar.probe_sms() is
    'Has the next claim see whether an outage is over: whoever starts a worker may have just repaired the settings.';
grant execute on function sidecar.probe_sms() to sidecar;
-- end of sql/sidecar/probe_sms.sql

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
        where q.delivery_due_at <= clock_timestamp() and q.sent_at < clock_timestamp() - interval '48 hours'
        limit 1000
        for update skip locked));
    return query
    update app.sms_messages m
    set delivery_due_at = clock_timestamp()
        + greatest(interval '1 minute', (clock_timestamp() - m.sent_at) / 2) * (0.9 + random() / 5)
    where m.id = any (array(
        select q.id from app.sms_messages q
        where q.delivery_due_at <= clock_timestamp() and q.provider = due_deliveries.provider
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

-- from sql/sidecar/record_deliveries.sql
create or replace function sidecar.record_deliveries(ids uuid[], deliveries text[])
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_rows integer;
begin
    update app.sms_messages m
    set delivery = d.delivery::app.sms_delivery, delivery_due_at = null
    from unnest(ids, deliveries) d (id, delivery)
    where m.id = d.id and m.delivery = 'PENDING' and d.delivery <> 'PENDING';
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function sidecar.record_deliveries(uuid[], text[]) is
    'Notes where messages ended; gives the number that ended just now.';
grant execute on function sidecar.record_deliveries(uuid[], text[]) to sidecar;
-- end of sql/sidecar/record_deliveries.sql

-- from sql/sidecar/follow_notifications.sql
-- One question for all the streams of a process. A transaction that had not committed at the last reading (next_since
-- is the oldest such) is read again: nothing is missed, and the reader drops what it has. What is older than an hour
-- has been read; the bound is for a restored database, whose old rows carry another cluster's transactions.
create or replace function sidecar.follow_notifications(since xid8, session_ids uuid[], user_ids uuid[], roles text[])
returns table (next_since xid8, news jsonb, dead_sessions uuid[])
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform set_config('timezone', c.tz, true) from app.system_config c;
    return query
    select pg_snapshot_xmin(pg_current_snapshot()), n.news, d.sessions
    from (
        select coalesce(jsonb_agg(jsonb_build_object(
            'target_role', n.target_role, 'user_id', n.user_id, 'transaction_id', n.transaction_id,
            'notification', jsonb_build_object(
                'id', n.id, 'type', n.type, 'payload', n.payload, 'is_read', n.is_read, 'created_at', n.created_at)
        ) order by n.created_at, n.id), '[]') as news
        from app.notifications n
        where n.transaction_id >= since
          and n.created_at > clock_timestamp() - interval '1 hour'
          and (n.user_id = any (user_ids) or (n.target_role = 'ADMIN' and 'app_admin' = any (roles)))
    ) n, (
        select coalesce(array_agg(s.id), '{}') as sessions
        from unnest(session_ids, user_ids, roles) s (id, user_id, role)
        where not exists (
            select from app.live_sessions l where (l.id, l.user_id, l.role) = (s.id, s.user_id, s.role))
    ) d;
end
$$;

comment on function sidecar.follow_notifications(xid8, uuid[], uuid[], text[]) is
    'What was written since (nothing when that is null) to the people who listen, and whose sessions have ended.';
grant execute on function sidecar.follow_notifications(xid8, uuid[], uuid[], text[]) to sidecar;
-- end of sql/sidecar/follow_notifications.sql

-- from sql/app/jobs/is_cron_schedule.sql
-- The part of cron's language that cron, pg_cron and the runner's library read alike: five fields of numbers, ranges,
-- lists and steps. Names, @daily and the like are left out.
create or replace function app.is_cron_schedule(schedule text)
returns boolean
language sql
immutable
parallel safe
set search_path = ''
as $$
    select count(*) = 5 and bool_and(b.low is not null and not exists (
        select from string_to_table(s.field, ',') item
        -- A step follows a star or a range; 1 and 2 are the range's ends, 3 is a number alone.
        cross join lateral (
            select regexp_match(item, '^(?:(?:\*|(\d\d?)-(\d\d?))(?:/[1-9]\d?)?|(\d\d?))$') as parts
        ) m
        where m.parts is null
           or coalesce(m.parts[1], m.parts[3])::integer < b.low
           or coalesce(m.parts[2], m.parts[3])::integer > b.high
           or m.parts[1]::integer > m.parts[2]::integer))
    from string_to_table(schedule, ' ') with ordinality s (field, n)
    left join (values (1, 0, 59), (2, 0, 23), (3, 1, 31), (4, 1, 12), (5, 0, 7)) b (n, low, high) using (n)
$$;

comment on function app.is_cron_schedule(text) is
    'Whether this is a cron schedule: minute, hour, day of the month, month, weekday (0 and 7 are Sunday), in UTC.';
-- end of sql/app/jobs/is_cron_schedule.sql

-- from sql/app/jobs/jobs.sql
-- Named jobs, a cron schedule (UTC, as pg_cron reads it) and one SQL function each. With pg_cron they are registered
-- there (db/cron.py); without it, db/job_runner.py reads this table. Either way app.run_scheduled_job runs them.
create table app.jobs (
    name text not null,
    schedule text not null,
    function_name text not null,
    is_active boolean not null default true,
    constraint jobs_pkey primary key (name),
    constraint jobs_name_check check (name ~ '^[a-z-]+:[a-z-]+$' and length(name) <= 63),
    constraint jobs_schedule_check check (app.is_cron_schedule(schedule)),
    constraint jobs_function_name_check check (function_name ~ '^app\.[a-z_]+$')
);

alter table app.jobs enable row level security;
alter table app.jobs force row level security;
create policy jobs_all_owner on app.jobs to app_owner using (true) with check (true);
create policy jobs_select_runner on app.jobs for select to job_runner, app_admin using (true);

grant select on app.jobs to job_runner, app_admin;

comment on table app.jobs is 'What is done regularly, and when.';
comment on column app.jobs.function_name is
    'Takes no required argument, does one batch in the caller''s transaction, and gives the number of rows it changed.';

insert into app.jobs (name, schedule, function_name) values
    ('holds:release-expired', '*/5 * * * *', 'app.release_expired_holds'),
    ('consultations:expire', '30 23 * * *', 'app.expire_consultations'),
    ('payments:expire-unsent', '35 23 * * *', 'app.expire_unsent_payments'),
    ('sessions:prune', '40 23 * * *', 'app.prune_sessions'),
    ('sign-in-attempts:prune', '45 23 * * *', 'app.prune_sign_in_attempts'),
    ('sms:remind', '*/5 * * * *', 'app.queue_reminders'),
    ('jobs:prune-history', '50 23 * * *', 'app.prune_job_runs');
-- end of sql/app/jobs/jobs.sql

-- from sql/app/jobs/job_runs.sql
create table app.job_runs (
    id bigint generated always as identity,
    job_name text not null,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    rows bigint,
    error text,
    constraint job_runs_pkey primary key (id),
    constraint job_runs_job_name_fkey foreign key (job_name) references app.jobs (name) on delete cascade
);

create index job_runs_job_name_idx on app.job_runs (job_name, started_at desc);
-- A job runs once at a time.
create unique index job_runs_running_key on app.job_runs (job_name) where ended_at is null;

alter table app.job_runs enable row level security;
alter table app.job_runs force row level security;
create policy job_runs_all_owner on app.job_runs to app_owner using (true) with check (true);
create policy job_runs_select_runner on app.job_runs for select to job_runner, app_admin using (true);

grant select on app.job_runs to job_runner, app_admin;

comment on table app.job_runs is 'Each run of a job: when, how many rows, which error.';
-- end of sql/app/jobs/job_runs.sql

-- from sql/app/jobs/last_job_runs.sql
create or replace view app.last_job_runs with (security_invoker = true) as
select j.name, r.started_at
from app.jobs j
cross join lateral (
    select r.started_at from app.job_runs r where r.job_name = j.name order by r.started_at desc limit 1
) r;

grant select on app.last_job_runs to job_runner, app_admin;

comment on view app.last_job_runs is 'When each job began its latest run; jobs that never ran are missing.';
-- end of sql/app/jobs/last_job_runs.sql

-- from sql/app/jobs/job_lock.sql
create or replace function app.job_lock(name text)
returns bigint
language sql
immutable
parallel safe
set search_path = ''
as $$
    select hashtextextended('vetline:job:' || name, 0)
$$;

comment on function app.job_lock(text) is 'The advisory lock that a session holds while it runs the job.';
-- end of sql/app/jobs/job_lock.sql

-- from sql/app/jobs/start_job_run.sql
-- Any number of runners and a pg_cron may notice the same moment: the job's lock lets one of them in at a time, and a
-- run that has begun since then tells the others that they came too late. The lock belongs to the session and outlives
-- the batches' transactions; it dies with its session, so that a run that is unfinished under it was cut off.
create or replace function app.start_job_run(name text, due_at timestamptz)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_run_id bigint;
begin
    if not pg_try_advisory_lock(app.job_lock(name)) then
        return null;
    end if;
    update app.job_runs r
    set ended_at = clock_timestamp(), error = 'The session that ran it was lost.'
    where r.job_name = start_job_run.name and r.ended_at is null;
    insert into app.job_runs (job_name)
    select j.name
    from app.jobs j
    where j.name = start_job_run.name
      and j.is_active
      and not exists (select from app.job_runs r where r.job_name = j.name and r.started_at >= due_at)
    returning id into v_run_id;
    if v_run_id is null then
        perform pg_advisory_unlock(app.job_lock(name));
    end if;
    return v_run_id;
end
$$;

comment on function app.start_job_run(text, timestamptz) is
    'Begins the run that was due then and gives its id; null when it has begun elsewhere, or the job is not active.';
grant execute on function app.start_job_run(text, timestamptz) to job_runner;
-- end of sql/app/jobs/start_job_run.sql

-- from sql/app/jobs/finish_job_run.sql
create or replace function app.finish_job_run(run_id bigint, rows bigint, error text default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_name text;
begin
    update app.job_runs r
    set ended_at = clock_timestamp(), rows = finish_job_run.rows, error = finish_job_run.error
    where r.id = run_id and r.ended_at is null
    returning r.job_name into v_name;
    if found then
        perform pg_advisory_unlock(app.job_lock(v_name));
    end if;
end
$$;

comment on function app.finish_job_run(bigint, bigint, text) is
    'Notes how the run that this session began has ended, and lets go of the job''s lock.';
grant execute on function app.finish_job_run(bigint, bigint, text) to job_runner;
-- end of sql/app/jobs/finish_job_run.sql

-- from sql/app/jobs/run_job.sql
-- One batch, in the caller's transaction; call it again, in another one, until it gives 0.
create or replace function app.run_job(name text)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_function text;
    v_rows bigint;
begin
    select j.function_name into strict v_function from app.jobs j where j.name = run_job.name;
    execute format('select %s()', v_function) into v_rows;
    return coalesce(v_rows, 0);
end
$$;

comment on function app.run_job(text) is 'Runs one batch of the job and gives the number of rows it changed.';
grant execute on function app.run_job(text) to job_runner;
-- end of sql/app/jobs/run_job.sql

-- from sql/app/jobs/run_scheduled_job.sql
-- What pg_cron and the runner call. A batch is a transaction, so that no lock is held for long; only a procedure
-- without SET clause and of the caller's own rights may commit, so that the work is done by definer functions.
-- pg_cron looks at its jobs once a minute: a run of this minute is the run that it wants.
create or replace procedure app.run_scheduled_job(
    name text,
    due_at timestamptz default date_trunc('minute', clock_timestamp())
)
language plpgsql
as $$
declare
    v_run_id bigint;
    v_batch bigint;
    v_rows bigint := 0;
    v_error text;
begin
    v_run_id := app.start_job_run(name, due_at);
    commit;
    if v_run_id is null then
        return;
    end if;
    loop
        begin
            v_batch := app.run_job(name);
        exception when query_canceled or others then
            v_error := sqlerrm;
        end;
        commit;
        exit when v_error is not null or v_batch = 0;
        v_rows := v_rows + v_batch;
    end loop;
    perform app.finish_job_run(v_run_id, v_rows, v_error);
    if v_error is not null then
        raise warning 'The job % failed: %', name, v_error;
    end if;
end
$$;

comment on procedure app.run_scheduled_job(text, timestamptz) is
    'Runs the job that was due then until there is nothing left to do, and records it; once, whoever else calls it.';
grant execute on procedure app.run_scheduled_job(text, timestamptz) to job_runner;
-- end of sql/app/jobs/run_scheduled_job.sql

-- from sql/app/jobs/release_expired_holds.sql
-- The consultation is locked here already: those that somebody works on must not use up the batch.
create or replace function app.release_expired_holds(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    select app.release_lapsed_holds(array(
        select a.id
        from app.appointments a
        join app.consultations c on c.id = a.consultation_id
        where a.status = 'HELD' and a.hold_expires_at <= clock_timestamp()
        order by a.hold_expires_at
        limit max_rows
        for no key update of c skip locked))
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
        where c.expires_at <= clock_timestamp()
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
        where p.status = 'INITIATED' and p.authority is null and p.created_at < clock_timestamp() - interval '1 hour'
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
            where d.expires_at < clock_timestamp() - interval '1 day'
               or d.revoked_at < clock_timestamp() - interval '1 day'
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
            where d.updated_at < clock_timestamp() - interval '1 hour'
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
            where d.started_at < clock_timestamp() - interval '30 days'
              and exists (select from app.job_runs n where n.job_name = d.job_name and n.started_at > d.started_at)
            limit max_rows
            for update skip locked))
        returning r.id
    )
    select count(*) from old
$$;

comment on function app.prune_job_runs(integer) is 'Job: forgets the history of jobs older than 30 days.';
-- end of sql/app/jobs/prune_job_runs.sql

-- from sql/app/invariants/money_invariants.sql
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
-- end of sql/app/invariants/money_invariants.sql

-- from sql/app/invariants/state_invariants.sql
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
          and l.action in (select t.action from app.transitions t)
        order by l.created_at desc, l.id desc
        limit 1
    )
$$;

comment on function app.state_invariants() is 'G5 and G6: states that fit together, each with its audit line.';
-- end of sql/app/invariants/state_invariants.sql

-- from sql/app/invariants/invariants.sql
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
$$;

comment on function app.invariants() is 'One row per violation of the guarantees G1 to G6; empty is healthy.';
-- end of sql/app/invariants/invariants.sql
