-- admin lists and edits
-- depends: 0003_settings_by_admins

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
        when 'PRECONDITION_FAILED' then 412
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
grant execute on function app.fail(text, text, jsonb) to app_admin;
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
grant execute on function app.fail_validation(jsonb) to app_admin;
-- end of sql/app/errors/fail_validation.sql

-- from sql/app/search/search_form.sql
-- Persian is typed with Arabic letters on many keyboards, with or without the marks and half-spaces of careful writing.
-- What separates words is listed, and not asked of the locale (\w), which may know nothing but ASCII.
create or replace function app.search_form(typed text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    select btrim(regexp_replace(
        regexp_replace(
            translate(lower(app.latin_digits(typed) collate "C"), 'يىئكةۀهٔأإآٱؤ', 'یییکههههااااو'),
            '[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200d]', '', 'g'),
        '[\s\u00a0\u2000-\u200f\u2010-\u206f\ufeff،؛؟٪٫٬«»!-/:-@[-`{-~]+', ' ', 'g'))
$$;

comment on function app.search_form(text) is
    'The text as it is compared in searches: letters that are written alike are one, digits are Latin, there are no
diacritics, and one space between words (a half-space is one as well).';
grant execute on function app.search_form(text) to app_admin;
-- end of sql/app/search/search_form.sql

-- from sql/app/search/search_words.sql
-- What a search for a name looks into: its words, and each two neighbours written as one, since علی رضا and علیرضا are
-- the same name. Not by to_tsvector: what its parser takes for a letter depends on the locale.
create or replace function app.search_words(name text)
returns tsvector
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    with words as (
        select w.word, lead(w.word) over (order by w.place) as next
        from unnest(string_to_array(app.search_form(name), ' ')) with ordinality as w (word, place)
        where w.word <> ''
    )
    select array_to_tsvector(coalesce(array_agg(distinct l.lexeme), '{}'))
    from words w
    cross join lateral (values (w.word), (w.word || w.next)) as l (lexeme)
    where l.lexeme is not null
$$;

comment on function app.search_words(text) is 'The words by which a name is found (app.word_query asks for them).';
grant execute on function app.search_words(text) to app_admin;
-- end of sql/app/search/search_words.sql

-- alter for sql/app/identity/users.sql 72029608393e
-- NOTE: a column that is computed and the indexes below are made at once, and writes wait for them: seconds for
-- hundreds of thousands of rows. There is no clinic yet that has as many.
alter table app.users
    -- squawk-ignore adding-field-with-default
    add column search_words tsvector generated always as (app.search_words(name)) stored;
comment on column app.users.search_words is 'The words of the name as searches compare them (app.word_query).';
alter table app.users alter column role set (n_distinct = 1000);
-- squawk-ignore require-concurrent-index-creation
create index users_created_at_idx on app.users (created_at desc, id desc);
-- squawk-ignore require-concurrent-index-creation
create index users_role_idx on app.users (role);
-- squawk-ignore require-concurrent-index-creation
create index users_mobile_idx on app.users (mobile text_pattern_ops);
-- squawk-ignore require-concurrent-index-creation
create index users_search_words_idx on app.users using gin (search_words);

-- alter for sql/app/pets/pets.sql 74bc2fdd6fe9
-- squawk-ignore require-concurrent-index-creation
create index pets_type_idx on app.pets (type);

-- alter for sql/app/consultations/consultations.sql c81a4726eaf0
alter table app.consultations alter column status set (n_distinct = 1000);
-- squawk-ignore require-concurrent-index-creation
create index consultations_created_at_idx on app.consultations (created_at desc, id desc);
-- squawk-ignore require-concurrent-index-creation
create index consultations_status_idx on app.consultations (status);

-- alter for sql/app/appointments/appointments.sql 9e5450afa6cc
-- squawk-ignore require-concurrent-index-creation
create index appointments_confirmed_idx on app.appointments (start_at) where hold_expires_at is null;

-- alter for sql/app/payments/payments.sql 872c437eea58
alter table app.payments alter column status set (n_distinct = 1000);
-- squawk-ignore require-concurrent-index-creation
create index payments_created_at_idx on app.payments (created_at desc, id desc);
-- squawk-ignore require-concurrent-index-creation
create index payments_status_idx on app.payments (status);

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
            'hold_expires_at', a.hold_expires_at, 'outcome', a.outcome,
            'doctor', case when d.id is not null
                then jsonb_build_object('id', d.id, 'display_name', d.display_name) end)
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
        select jsonb_build_object(
            'id', p.id, 'status', p.status, 'amount_toman', p.amount_toman, 'ref_id', p.ref_id)
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

-- from sql/app/search/word_query.sql
-- Finds the beginnings of words, in any order: سار احم finds سارا احمدی. It does not find what is inside a word, and
-- forgives no slip of the finger but those that app.search_form makes alike: that would take pg_trgm, which not every
-- server has.
create or replace function app.word_query(typed text)
returns tsquery
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    select (format('(%s) | %L:*', string_agg(format('%L:*', w.word), ' & '), string_agg(w.word, '')))::tsquery
    from unnest(string_to_array(app.search_form(typed), ' ')) as w (word)
    where w.word <> ''
    having count(*) > 0
$$;

comment on function app.word_query(text) is
    'The query for names (app.search_words) with words that begin like these, or with all of them in one; null when there
is no word in it.';
grant execute on function app.word_query(text) to app_admin;
-- end of sql/app/search/word_query.sql

-- from sql/app/search/mobile_prefix.sql
-- The forms of app.normalize_mobile, cut off anywhere after the third digit; a plus sign that became a space on its way
-- through an address is missed by nobody.
create or replace function app.mobile_prefix(typed text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    select '0' || substring(
        regexp_replace(app.latin_digits(typed), '[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069()-]', '', 'g')
        from '^(?:\+?98|0098|0)?(9[0-9]{2,9})$')
$$;

comment on function app.mobile_prefix(text) is
    'The beginning of a mobile, in whatever form it was typed, as 09…; null when it can''t be one or has fewer than three
digits after the zero.';
grant execute on function app.mobile_prefix(text) to app_admin;
-- end of sql/app/search/mobile_prefix.sql

-- from sql/app/search/person_filter.sql
create type app.person_filter as (
    mobile text,
    words tsquery,
    people uuid[]
);

comment on type app.person_filter is
    'Whom a search means: the beginning of the mobile and the words of the name, both as they are compared, and their ids
where these are not too many. Nulls mean everybody.';
-- end of sql/app/search/person_filter.sql

-- from sql/app/search/few.sql
-- Under row-level security the planner estimates most conditions blindly, and it knows nothing of how words begin: it
-- can't be left to it whether to gather the few rows of a rare filter, or to look at the newest rows until there are
-- enough for a page. A filter that meets few things is turned into their ids beforehand.
create or replace function app.few(ids uuid[])
returns uuid[]
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case when cardinality(ids) <= 5000 then ids end
$$;

comment on function app.few(uuid[]) is
    'The ids, of which up to 5001 were gathered; null when they are more than 5000, and so dense that looking for them
among all soon succeeds.';
grant execute on function app.few(uuid[]) to app_admin;
-- end of sql/app/search/few.sql

-- from sql/app/search/read_person_filter.sql
create or replace function app.read_person_filter(mobile text, name text)
returns app.person_filter
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_who app.person_filter;
begin
    v_who.mobile := app.mobile_prefix(mobile);
    v_who.words := app.word_query(name);
    perform app.fail_validation(jsonb_build_object(
        'mobile', case when mobile is not null and v_who.mobile is null
            then 'Give a mobile number, or its first digits, three at least after the zero.' end,
        'name', case when name is not null and v_who.words is null then 'Give a word of the name, or its beginning.'
            when length(name) > 100 then 'Give at most 100 characters.' end));
    if v_who.mobile is not null or v_who.words is not null then
        v_who.people := app.few(array(
            select u.id
            from app.users u
            where (v_who.mobile is null or u.mobile like v_who.mobile || '%')
              and (v_who.words is null or u.search_words @@ v_who.words)
            limit 5001));
    end if;
    return v_who;
end
$$;

comment on function app.read_person_filter(text, text) is
    'Whom the mobile (any form of a number, or of its beginning) and the name mean. VALIDATION_FAILED.';
grant execute on function app.read_person_filter(text, text) to app_admin;
-- end of sql/app/search/read_person_filter.sql

-- from sql/app/search/read_period.sql
create or replace function app.read_period("from" date, "to" date, out since timestamptz, out until timestamptz)
language plpgsql
stable
set search_path = ''
as $$
begin
    perform app.fail_validation(jsonb_build_object(
        'from', case when "from" not between '2000-01-01' and '2999-12-31' then 'Give a date within this millennium.' end,
        'to', case when "to" not between '2000-01-01' and '2999-12-31' then 'Give a date within this millennium.'
            when "to" < "from" then 'Give a date that is not before the first.' end));
    select "from"::timestamp at time zone c.tz, ("to" + 1)::timestamp at time zone c.tz into since, until
    from app.system_config c;
end
$$;

comment on function app.read_period(date, date) is
    'From the first moment of the first day to the last of the last, in the clinic''s zone; nulls for what is not given.
VALIDATION_FAILED.';
grant execute on function app.read_period(date, date) to app_admin;
-- end of sql/app/search/read_period.sql

-- from sql/app/search/require_page.sql
create or replace function app.require_page(max_rows integer, before_at timestamptz, before_id uuid)
returns void
language sql
set search_path = ''
as $$
    select app.fail_validation(jsonb_build_object(
        'max_rows', case when max_rows is null or max_rows not between 1 and 101 then 'Give a number from 1 to 101.' end,
        'before_id', case when (before_at is null) <> (before_id is null)
            then 'Give both before_at and before_id, or neither.' end))
$$;

comment on function app.require_page(integer, timestamptz, uuid) is 'VALIDATION_FAILED unless it names a page of a list.';
grant execute on function app.require_page(integer, timestamptz, uuid) to app_admin;
-- end of sql/app/search/require_page.sql

-- from sql/app/search/consultation_filter.sql
create type app.consultation_filter as (
    status app.consultation_status,
    of_status uuid[],
    since timestamptz,
    until timestamptz,
    who app.person_filter,
    pet_type app.pet_type,
    pets uuid[],
    doctor_id uuid,
    of_doctor uuid[]
);

comment on type app.consultation_filter is
    'Which consultations are meant: nulls mean all. of_status and of_doctor are ids of consultations, pets those of the pet_type,
each where they are not too many (app.few).';
-- end of sql/app/search/consultation_filter.sql

-- from sql/app/search/read_consultation_filter.sql
create or replace function app.read_consultation_filter(
    status app.consultation_status default null,
    "from" date default null,
    "to" date default null,
    mobile text default null,
    name text default null,
    pet_type app.pet_type default null,
    doctor_id uuid default null
)
returns app.consultation_filter
language plpgsql
stable
set search_path = ''
as $$
declare
    v_filter app.consultation_filter;
begin
    select p.since, p.until into v_filter.since, v_filter.until from app.read_period("from", "to") p;
    v_filter.who := app.read_person_filter(mobile, name);
    if status is not null then
        v_filter.status := status;
        v_filter.of_status := app.few(array(
            select c.id from app.consultations c where c.status = read_consultation_filter.status limit 5001));
    end if;
    if pet_type is not null then
        v_filter.pet_type := pet_type;
        v_filter.pets := app.few(array(
            select p.id from app.pets p where p.type = read_consultation_filter.pet_type limit 5001));
    end if;
    if doctor_id is not null then
        v_filter.doctor_id := doctor_id;
        v_filter.of_doctor := app.few(array(
            select a.consultation_id from app.appointments a
            where a.doctor_id = read_consultation_filter.doctor_id and a.status <> 'CANCELED'
            limit 5001));
    end if;
    return v_filter;
end
$$;

comment on function app.read_consultation_filter(
    app.consultation_status, date, date, text, text, app.pet_type, uuid) is
    'Reads the filters of lists and exports of consultations (see rpc/search_consultations). VALIDATION_FAILED.';
grant execute on function app.read_consultation_filter(
    app.consultation_status, date, date, text, text, app.pet_type, uuid) to app_admin;
-- end of sql/app/search/read_consultation_filter.sql

-- from sql/app/search/found_consultations.sql
-- The one meaning of the filters, for the list and the export. What is null is gone when the query is planned, if the
-- filter is known by then. OFFSET 0: each row that is looked at asks by a primary key. As text: no index seems to serve where the rows
-- of the status are too many to be gathered.
-- No SET clause, so that it is inlined.
create or replace function app.found_consultations(filter app.consultation_filter)
returns setof app.consultations
language sql
stable
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

-- from sql/app/search/payment_filter.sql
create type app.payment_filter as (
    status app.payment_status,
    of_status uuid[],
    since timestamptz,
    until timestamptz,
    who app.person_filter
);

comment on type app.payment_filter is 'Which attempts to pay are meant: nulls mean all. of_status are ids, where they are not too
many (app.few).';
-- end of sql/app/search/payment_filter.sql

-- from sql/app/search/read_payment_filter.sql
create or replace function app.read_payment_filter(
    status app.payment_status default null,
    "from" date default null,
    "to" date default null,
    mobile text default null,
    name text default null
)
returns app.payment_filter
language plpgsql
stable
set search_path = ''
as $$
declare
    v_filter app.payment_filter;
begin
    select p.since, p.until into v_filter.since, v_filter.until from app.read_period("from", "to") p;
    v_filter.who := app.read_person_filter(mobile, name);
    if status is not null then
        v_filter.status := status;
        v_filter.of_status := app.few(array(
            select p.id from app.payments p where p.status = read_payment_filter.status limit 5001));
    end if;
    return v_filter;
end
$$;

comment on function app.read_payment_filter(app.payment_status, date, date, text, text) is
    'Reads the filters of lists and exports of payments (see rpc/search_payments). VALIDATION_FAILED.';
grant execute on function app.read_payment_filter(app.payment_status, date, date, text, text) to app_admin;
-- end of sql/app/search/read_payment_filter.sql

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

-- from sql/app/consultations/consultation_version.sql
-- An admin sees and edits a consultation with its appointments as one thing. Each of these versions only grows, and an
-- appointment never goes away: so does their sum.
create or replace function app.consultation_version(consultation_id uuid)
returns integer
language sql
stable
set search_path = ''
as $$
    select c.version + coalesce(sum(a.version), 0)::integer
    from app.consultations c
    left join app.appointments a on a.consultation_id = c.id
    where c.id = consultation_version.consultation_id
    group by c.id
$$;

comment on function app.consultation_version(uuid) is
    'Counts the changes of a consultation and its appointments together: the ETag of what admins edit.';
grant execute on function app.consultation_version(uuid) to app_admin;
-- end of sql/app/consultations/consultation_version.sql

-- from sql/api/admin_consultations.sql
create or replace view api.admin_consultations with (security_invoker = true) as
select
    c.id, c.user_id, c.pet_id, c.type, c.status, c.base_price_toman, c.currency, c.message_text, c.voice_media_id,
    c.created_at, c.updated_at, c.expires_at, app.consultation_version(c.id) as version,
    (
        select jsonb_build_object('id', u.id, 'name', u.name, 'mobile', u.mobile)
        from app.users u where u.id = c.user_id
    ) as owner,
    (
        select jsonb_build_object(
            'id', p.id, 'type', p.type, 'name', p.name, 'breed', p.breed, 'gender', p.gender, 'neutered', p.neutered,
            'birth_date', p.birth_date, 'created_at', p.created_at)
        from app.pets p where p.id = c.pet_id
    ) as pet,
    c.appointment, c.media, c.payment
from api.consultations c;

grant select on api.admin_consultations to app_admin;

comment on view api.admin_consultations is E'Consultations, for admins\n\nEach with its owner, its pet (deleted or not), the
appointment that is not canceled, the files, and the verified or else the latest payment. version counts the changes of
the consultation and its appointments: rpc/edit_consultation takes it. Filtered by rpc/search_consultations.';
-- end of sql/api/admin_consultations.sql

-- from sql/api/admin_payments.sql
create or replace view api.admin_payments with (security_invoker = true) as
select
    p.id, p.consultation_id, p.appointment_id, p.user_id, p.provider, p.amount_toman, p.amount_rials, p.ref_id,
    p.card_pan, p.status, p.paid_at, p.created_at, p.updated_at,
    (
        select jsonb_build_object('id', u.id, 'name', u.name, 'mobile', u.mobile)
        from app.users u where u.id = p.user_id
    ) as owner,
    (
        select jsonb_build_object(
            'id', r.id, 'amount_toman', r.amount_toman, 'reason', r.reason, 'status', r.status,
            'reference', r.reference, 'gateway_code', r.gateway_code, 'created_at', r.created_at)
        from app.refunds r where r.payment_id = p.id
    ) as refund
from app.payments p;

grant select on api.admin_payments to app_admin;

comment on view api.admin_payments is E'Payments, for admins\n\nOne row an attempt, with its owner, and its refund or null.
Filtered by rpc/search_payments.';
-- end of sql/api/admin_payments.sql

-- from sql/api/admin_users.sql
create or replace view api.admin_users with (security_invoker = true) as
select u.id, u.role, u.name, u.mobile, u.is_active, u.last_login_at, u.created_at
from app.users u;

grant select on api.admin_users to app_admin;

comment on view api.admin_users is E'People, for admins\n\nOwners, doctors and admins. Filtered by rpc/search_users.';
-- end of sql/api/admin_users.sql

-- from sql/api/admin_consultation_details.sql
create or replace view api.admin_consultation_details with (security_invoker = true) as
select
    c.*,
    (
        select coalesce(jsonb_agg(jsonb_build_object(
            'id', a.id, 'start_at', a.start_at, 'end_at', a.end_at, 'status', a.status,
            'hold_expires_at', a.hold_expires_at, 'cancel_reason', a.cancel_reason, 'outcome', a.outcome,
            'doctor', case when d.id is not null
                then jsonb_build_object('id', d.id, 'display_name', d.display_name) end,
            'assigned_at', a.assigned_at, 'assignment_reason', a.assignment_reason, 'created_at', a.created_at
        ) order by a.created_at, a.id), '[]')
        from app.appointments a left join app.doctors d on d.id = a.doctor_id
        where a.consultation_id = c.id
    ) as appointments,
    (
        select coalesce(jsonb_agg(to_jsonb(p) - '{user_id,owner,refund}'::text[] order by p.created_at, p.id), '[]')
        from api.admin_payments p where p.consultation_id = c.id
    ) as payments,
    (
        select coalesce(jsonb_agg(p.refund || jsonb_build_object('payment_id', p.id) order by p.created_at, p.id), '[]')
        from api.admin_payments p where p.consultation_id = c.id and p.refund is not null
    ) as refunds,
    (
        select coalesce(jsonb_agg(jsonb_build_object(
            'id', l.id, 'action', l.action, 'entity_type', l.entity_type, 'entity_id', l.entity_id,
            'actor', case when u.id is not null
                then jsonb_build_object('id', u.id, 'name', u.name, 'role', u.role) end,
            'meta', l.meta, 'created_at', l.created_at) order by l.created_at, l.id), '[]')
        from app.audit_log l left join app.users u on u.id = l.actor_user_id
        where l.entity_id = any (array(
            select c.id
            union all select a.id from app.appointments a where a.consultation_id = c.id
            union all select p.id from app.payments p where p.consultation_id = c.id
            union all select r.id from app.refunds r join app.payments p on p.id = r.payment_id
                      where p.consultation_id = c.id
            union all select m.id from app.media m where m.consultation_id = c.id))
    ) as audit
from api.admin_consultations c;

grant select on api.admin_consultation_details to app_admin;

comment on view api.admin_consultation_details is E'Consultations whole, for admins\n\nAs admin_consultations, with all
appointments (and why each has its doctor), payments, refunds, and the audit trail of all these, the oldest first. For one
consultation at a time: filter by id.';
-- end of sql/api/admin_consultation_details.sql

-- from sql/api/search_consultations.sql
create or replace function api.search_consultations(
    status app.consultation_status default null,
    "from" date default null,
    "to" date default null,
    mobile text default null,
    name text default null,
    pet_type app.pet_type default null,
    doctor_id uuid default null,
    max_rows integer default 20,
    before_at timestamptz default null,
    before_id uuid default null
)
returns setof api.admin_consultations
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_filter app.consultation_filter := app.read_consultation_filter(
        status, "from", "to", mobile, name, pet_type, doctor_id);
begin
    perform app.require_page(max_rows, before_at, before_id);
    return query
    select v.*
    from (
        select c.id, c.created_at
        from app.found_consultations(v_filter) c
        where before_id is null or (c.created_at, c.id) < (before_at, before_id)
        order by c.created_at desc, c.id desc
        limit max_rows
    ) page
    join api.admin_consultations v on v.id = page.id
    order by page.created_at desc, page.id desc;
end
$$;

comment on function api.search_consultations(
    app.consultation_status, date, date, text, text, app.pet_type, uuid, integer, timestamptz, uuid) is
E'Find consultations\n\nThose that meet all filters that are given, newest first: status; made from "from" to "to" (days in
the clinic''s zone, both included); the owner''s mobile (any form of the number, or of its beginning) and name (words, or
their beginnings, in any order and spelling); pet_type; doctor_id of an appointment that is not canceled. At most max_rows
(1 to 101); before_at and before_id are the created_at and id of the last row seen. VALIDATION_FAILED. For admins.';
grant execute on function api.search_consultations(
    app.consultation_status, date, date, text, text, app.pet_type, uuid, integer, timestamptz, uuid) to app_admin;
-- end of sql/api/search_consultations.sql

-- from sql/api/search_payments.sql
create or replace function api.search_payments(
    status app.payment_status default null,
    "from" date default null,
    "to" date default null,
    mobile text default null,
    name text default null,
    max_rows integer default 20,
    before_at timestamptz default null,
    before_id uuid default null
)
returns setof api.admin_payments
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_filter app.payment_filter := app.read_payment_filter(status, "from", "to", mobile, name);
begin
    perform app.require_page(max_rows, before_at, before_id);
    return query
    select v.*
    from (
        select p.id, p.created_at
        from app.found_payments(v_filter) p
        where before_id is null or (p.created_at, p.id) < (before_at, before_id)
        order by p.created_at desc, p.id desc
        limit max_rows
    ) page
    join api.admin_payments v on v.id = page.id
    order by page.created_at desc, page.id desc;
end
$$;

comment on function api.search_payments(
    app.payment_status, date, date, text, text, integer, timestamptz, uuid) is
E'Find payments\n\nThe attempts that meet all filters that are given, newest first: status; begun from "from" to "to" (days in
the clinic''s zone, both included); the owner''s mobile and name, as in rpc/search_consultations. At most max_rows (1 to
101); before_at and before_id are the created_at and id of the last row seen. VALIDATION_FAILED. For admins.';
grant execute on function api.search_payments(
    app.payment_status, date, date, text, text, integer, timestamptz, uuid) to app_admin;
-- end of sql/api/search_payments.sql

-- from sql/api/search_users.sql
create or replace function api.search_users(
    mobile text default null,
    name text default null,
    role app.user_role default null,
    max_rows integer default 20,
    before_at timestamptz default null,
    before_id uuid default null
)
returns setof api.admin_users
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_who app.person_filter := app.read_person_filter(mobile, name);
    v_of_role uuid[] := case when role is not null then app.few(array(
        select u.id from app.users u where u.role = search_users.role limit 5001)) end;
begin
    perform app.require_page(max_rows, before_at, before_id);
    return query
    select v.*
    from app.users u
    join api.admin_users v on v.id = u.id
    where (v_who.people is null or u.id = any (v_who.people))
      and (v_who.mobile is null or u.mobile like v_who.mobile || '%')
      and (v_who.words is null or u.search_words @@ v_who.words)
      and (v_of_role is null or u.id = any (v_of_role))
      and (search_users.role is null or u.role::text = search_users.role::text)
      and (before_id is null or (u.created_at, u.id) < (before_at, before_id))
    order by u.created_at desc, u.id desc
    limit max_rows;
end
$$;

comment on function api.search_users(text, text, app.user_role, integer, timestamptz, uuid) is
E'Find people\n\nThose who meet all filters that are given, newest first: mobile (any form of the number, or of its
beginning), name (words, or their beginnings, in any order and spelling), role. At most max_rows (1 to 101);
before_at and before_id are the created_at and id of the last row seen. VALIDATION_FAILED. For admins.';
grant execute on function api.search_users(text, text, app.user_role, integer, timestamptz, uuid) to app_admin;
-- end of sql/api/search_users.sql

-- from sql/app/export/csv_cell.sql
-- A spreadsheet runs what begins like a formula, also behind a byte order mark, quotes or space, and in the full-width
-- letters of East Asian keyboards. An apostrophe in front makes it text.
-- No SET clause, so that it is inlined.
create or replace function app.csv_cell(value text)
returns text
language sql
immutable
parallel safe
as $$
    select case
        when value ~ '^([\s\u00a0\ufeff"'']*[=+@＝＋－＠-]|[\ufeff"'']*[\t\r\n])' then '''' || value else value
    end
$$;

comment on function app.csv_cell(text) is 'The text as a cell that no spreadsheet takes for a formula.';
grant execute on function app.csv_cell(text) to app_admin;
-- end of sql/app/export/csv_cell.sql

-- from sql/app/export/calendar.sql
-- Joined, so that a date is turned once a day and not once a row: that is what makes an export fast.
-- No SET clause, so that it is inlined.
create or replace function app.calendar()
returns table (day date, jalali text)
language sql
stable
as $$
    with days as materialized (
        select g.day::date as day, app.to_jalali(g.day::date) as jalali
        from generate_series(
            (select coalesce(min(c.created_at), now()) from app.consultations c) - interval '1 day',
            now() + interval '400 days', interval '1 day') as g (day)
    )
    select d.day, d.jalali from days d
$$;

comment on function app.calendar() is
    'Every day from the first consultation to the last appointment that can be, with its Jalali date.';
grant execute on function app.calendar() to app_admin;
grant execute on function app.to_jalali(date) to app_admin;
-- end of sql/app/export/calendar.sql

-- from sql/app/export/exported_consultations.sql
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
as $$
    select
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
    left join lateral (
        select y.id, y.status, y.ref_id, y.paid_at from app.payments y
        where y.consultation_id = c.id
        order by y.status = 'VERIFIED' desc, y.created_at desc
        limit 1
    ) m on true
    left join app.refunds r on r.payment_id = m.id
    left join app.calendar() made on made.day = (c.created_at at time zone s.tz)::date
    left join app.calendar() called on called.day = (a.start_at at time zone s.tz)::date
    order by c.created_at desc, c.id desc
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

-- from sql/app/export/daily_summary.sql
-- hold_expires_at is null from the moment of confirmation on, whatever becomes of the appointment: what was only held is
-- not counted. A consultation has at most one appointment that was ever confirmed, to which all its money belongs.
create or replace function app.daily_summary(days daterange)
returns table (
    day date,
    jalali_date text,
    doctor_id uuid,
    doctor text,
    booked bigint,
    completed bigint,
    no_shows bigint,
    canceled bigint,
    income_toman bigint
)
language sql
stable
set search_path = ''
as $$
    select b.day, app.to_jalali(b.day), b.doctor_id, d.display_name, b.booked, b.completed, b.no_shows, b.canceled,
        b.income_toman
    from (
        select (a.start_at at time zone s.tz)::date as day, a.doctor_id, count(*) as booked,
            count(*) filter (where a.status = 'COMPLETED' and a.outcome is distinct from 'NO_SHOW') as completed,
            count(*) filter (where a.outcome = 'NO_SHOW') as no_shows,
            count(*) filter (where a.status = 'CANCELED') as canceled,
            coalesce(sum(m.income_toman), 0)::bigint as income_toman
        from app.system_config s
        join app.appointments a
            on a.hold_expires_at is null
            and a.start_at >= lower(days)::timestamp at time zone s.tz
            and a.start_at < upper(days)::timestamp at time zone s.tz
        cross join lateral (
            select sum(p.amount_toman - coalesce(r.amount_toman, 0)) as income_toman
            from app.payments p
            left join app.refunds r on r.payment_id = p.id
            where p.consultation_id = a.consultation_id and p.status = 'VERIFIED'
        ) m
        group by 1, 2
    ) b
    left join app.doctors d on d.id = b.doctor_id
    order by b.day desc, d.display_name nulls last, b.doctor_id
$$;

comment on function app.daily_summary(daterange) is
    'What became of the calls of each day and doctor (see rpc/summary); days are the clinic''s.';
grant execute on function app.daily_summary(daterange) to app_admin;
-- end of sql/app/export/daily_summary.sql

-- from sql/app/export/read_summary_filter.sql
create or replace function app.read_summary_filter("from" date default null, "to" date default null)
returns daterange
language plpgsql
stable
set search_path = ''
as $$
begin
    perform app.read_period("from", "to");
    perform app.fail_validation(jsonb_build_object(
        'from', case when "from" is null then 'Give a date, YYYY-MM-DD.' end,
        'to', case when "to" is null then 'Give a date, YYYY-MM-DD.'
            when "to" - 731 > "from" then 'Ask for at most two years.' end));
    return daterange("from", "to", '[]');
end
$$;

comment on function app.read_summary_filter(date, date) is
    'The days of a summary, both included, at most two years. VALIDATION_FAILED.';
grant execute on function app.read_summary_filter(date, date) to app_admin;
-- end of sql/app/export/read_summary_filter.sql

-- from sql/app/export/exported_summary.sql
create or replace function app.exported_summary(filter daterange)
returns table (
    day date, jalali_date text, doctor text, booked bigint, completed bigint, no_shows bigint, canceled bigint,
    income_toman bigint
)
language sql
stable
set search_path = ''
as $$
    select d.day, d.jalali_date, app.csv_cell(d.doctor), d.booked, d.completed, d.no_shows, d.canceled, d.income_toman
    from app.daily_summary(filter) d
$$;

comment on function app.exported_summary(daterange) is 'The summary as the rows of a spreadsheet.';
grant execute on function app.exported_summary(daterange) to app_admin;
-- end of sql/app/export/exported_summary.sql

-- from sql/app/export/audit_export.sql
create or replace function app.audit_export(kind text, filters text[], row_count bigint, is_complete boolean)
returns void
language sql
set search_path = ''
as $$
    select app.audit(
        case when row_count is null then 'EXPORT_STARTED' else 'EXPORT_DOWNLOADED' end, 'export', null,
        jsonb_strip_nulls(jsonb_build_object(
            'kind', kind, 'filters', filters, 'rows', row_count, 'is_complete', is_complete)))
$$;

comment on function app.audit_export(text, text[], bigint, boolean) is
    'Logs an export: which filters were used (their names alone), how many rows went out, and whether that was all. Without
a row count it is about to begin: nothing leaves without a trace, even if the process dies.';
-- end of sql/app/export/audit_export.sql

-- from sql/api/summary.sql
create or replace function api.summary("from" date default null, "to" date default null)
returns table (
    day date,
    jalali_date text,
    doctor_id uuid,
    doctor text,
    booked bigint,
    completed bigint,
    no_shows bigint,
    canceled bigint,
    income_toman bigint
)
language sql
stable
set search_path = ''
as $$
    select * from app.daily_summary(app.read_summary_filter("from", "to"))
$$;

comment on function api.summary(date, date) is
E'What became of the calls\n\nBy day and doctor (null: nobody was assigned), from "from" to "to" (days in the clinic''s zone on
which the calls are, both included, at most two years): booked is every appointment that was ever confirmed; of these,
completed took place, no_shows did not, canceled were called off, and the rest is to come. income_toman is what was paid for
them less what goes back. VALIDATION_FAILED. For admins.';
grant execute on function api.summary(date, date) to app_admin;
-- end of sql/api/summary.sql

-- from sql/sidecar/audit_export.sql
create or replace function sidecar.audit_export(
    kind text,
    filters text[],
    row_count bigint default null,
    is_complete boolean default null
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.audit_export(kind, filters, row_count, is_complete);
end
$$;

comment on function sidecar.audit_export(text, text[], bigint, boolean) is
    'Logs that the signed-in admin exports: before the first byte, and after the last with the number of rows. FORBIDDEN.';
grant execute on function sidecar.audit_export(text, text[], bigint, boolean) to sidecar;
-- end of sql/sidecar/audit_export.sql

-- from sql/app/appointments/is_doctor_free.sql
-- Called under the slot's lock and after app.lock_doctors: the answer stays true.
create or replace function app.is_doctor_free(doctor_id uuid, slot app.slots)
returns boolean
language sql
set search_path = ''
as $$
    select exists (select from app.available_doctors(slot.start_at, slot.end_at) d where d.id = is_doctor_free.doctor_id)
       and not exists (
           select from app.appointments a
           where a.slot_id = slot.id and a.doctor_id = is_doctor_free.doctor_id and a.status <> 'CANCELED')
$$;

comment on function app.is_doctor_free(uuid, app.slots) is
    'Whether the doctor is active and not away in the locked slot, and has no call in it.';
-- end of sql/app/appointments/is_doctor_free.sql

-- from sql/app/appointments/move_seat.sql
-- Both slots are locked in order of time, so that two people who swap slots never wait for each other in a circle. The
-- new seat is found before the old one is given up, in one update; hold_expires_at stays, so that going back and forth
-- gains nothing. The doctor of a confirmed seat comes along if he is free then, else the seat has none (slots come before
-- doctors in the lock order).
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
    if appointment.doctor_id is not null then
        perform app.lock_doctors();
        if not app.is_doctor_free(appointment.doctor_id, v_slot) then
            appointment.doctor_id := null;
            appointment.assigned_at := null;
            appointment.assignment_reason := null;
        end if;
    end if;
    update app.appointments a
    set slot_id = s.id, slot_capacity = s.capacity, lane = v_lane, start_at = s.start_at, end_at = s.end_at,
        doctor_id = appointment.doctor_id, assigned_at = appointment.assigned_at,
        assignment_reason = appointment.assignment_reason
    from app.slots s
    where a.id = appointment.id and s.id = v_slot.id;
    perform app.audit('SLOT_CHANGED', 'appointment', appointment.id,
                      jsonb_build_object('from', appointment.start_at, 'to', start_at));
    return true;
end
$$;

comment on function app.move_seat(app.appointments, timestamptz, timestamptz) is
    'Moves a live seat to another slot; false when that one is full.';
-- end of sql/app/appointments/move_seat.sql

-- from sql/app/appointments/set_doctor.sql
create or replace function app.set_doctor(appointment_id uuid, doctor_id uuid, reason jsonb)
returns void
language sql
set search_path = ''
as $$
    update app.appointments a
    set doctor_id = set_doctor.doctor_id, assignment_reason = reason, assigned_at = clock_timestamp()
    where a.id = appointment_id
$$;

comment on function app.set_doctor(uuid, uuid, jsonb) is 'Gives the appointment to a doctor, and keeps why.';
-- end of sql/app/appointments/set_doctor.sql

-- from sql/app/appointments/replace_doctor.sql
create or replace function app.replace_doctor(appointment_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_appointment app.appointments;
    v_doctor record;
begin
    select a.* into strict v_appointment from app.appointments a where a.id = appointment_id;
    if v_appointment.status <> 'CONFIRMED' or v_appointment.doctor_id is not null then
        return;
    end if;
    v_doctor := app.choose_doctor(v_appointment);
    if v_doctor.doctor_id is not null then
        perform app.set_doctor(appointment_id, v_doctor.doctor_id, v_doctor.reason);
    else
        perform app.notify_admins('DOCTOR_UNASSIGNED', jsonb_build_object(
            'consultation_id', v_appointment.consultation_id, 'appointment_id', appointment_id,
            'start_at', v_appointment.start_at, 'doctor_id', null));
    end if;
end
$$;

comment on function app.replace_doctor(uuid) is
    'Gives a confirmed appointment without a doctor to the one whose turn it is, or tells admins that nobody is free.';
-- end of sql/app/appointments/replace_doctor.sql

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
                         jsonb_build_object('status', seat.status));
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

-- from sql/app/appointments/reschedule.sql
-- The way of a hold (app.hold_seat), under the same rules, but for one: a confirmed seat may be moved as well. It keeps
-- its doctor when he is free then (app.move_seat).
create or replace function app.reschedule(
    consultation app.consultations,
    seat app.appointments,
    start_at timestamptz,
    is_doctor_given boolean
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_appointment_id uuid;
begin
    if seat.start_at = reschedule.start_at then
        return;
    elsif consultation.status <> 'SCHEDULED' then
        perform app.require_holdable(consultation, seat);
    end if;
    v_appointment_id := app.hold_seat(consultation, seat, start_at, app.require_offered_slot(start_at));
    if not is_doctor_given then
        perform app.replace_doctor(v_appointment_id);
    end if;
end
$$;

comment on function app.reschedule(app.consultations, app.appointments, timestamptz, boolean) is
    'Moves the seat of the locked consultation, or takes one: HELD when it is unpaid, CONFIRMED when it is paid. Another
doctor is chosen where the old one is not free, unless an admin names one. SLOT_FULL, SLOT_NOT_OFFERED, INVALID_STATE,
PAYMENT_IN_PROGRESS.';
-- end of sql/app/appointments/reschedule.sql

-- from sql/app/appointments/complete_appointment.sql
create or replace function app.complete_appointment(seat app.appointments, outcome app.appointment_outcome)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if seat.status is distinct from 'CONFIRMED' then
        perform app.fail('INVALID_STATE', 'Only a confirmed appointment can be completed.',
                         jsonb_build_object('status', seat.status));
    elsif seat.start_at > clock_timestamp() then
        perform app.fail('INVALID_STATE', 'The appointment has not begun.',
                         jsonb_build_object('status', seat.status, 'start_at', seat.start_at));
    end if;
    update app.appointments a
    set status = 'COMPLETED', outcome = coalesce(complete_appointment.outcome, 'TOOK_PLACE')
    where a.id = seat.id;
    update app.consultations c set status = 'COMPLETED' where c.id = seat.consultation_id;
end
$$;

comment on function app.complete_appointment(app.appointments, app.appointment_outcome) is
    'Ends the locked consultation''s confirmed appointment, which must have begun; TOOK_PLACE unless said. INVALID_STATE.';
-- end of sql/app/appointments/complete_appointment.sql

-- from sql/app/appointments/correct_outcome.sql
create or replace function app.correct_outcome(consultation_id uuid, outcome app.appointment_outcome)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_seat app.appointments;
begin
    select a.* into v_seat from app.appointments a
    where a.consultation_id = correct_outcome.consultation_id and a.status = 'COMPLETED';
    if not found then
        perform app.fail('INVALID_STATE', 'Only a call that is completed has an outcome.');
    elsif v_seat.outcome is distinct from correct_outcome.outcome then
        update app.appointments a set outcome = correct_outcome.outcome where a.id = v_seat.id;
        perform app.audit('APPOINTMENT_OUTCOME_CHANGED', 'appointment', v_seat.id, jsonb_build_object(
            'outcome', correct_outcome.outcome, 'before', v_seat.outcome));
    end if;
end
$$;

comment on function app.correct_outcome(uuid, app.appointment_outcome) is
    'Says otherwise how the completed call of the locked consultation went. INVALID_STATE.';
-- end of sql/app/appointments/correct_outcome.sql

-- from sql/app/payments/cancel_by_clinic.sql
-- A seat that was paid for and lost is what the owner is told of when there is no other.
create or replace function app.cancel_by_clinic(consultation app.consultations, seat app.appointments)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_seat_id uuid := coalesce(seat.id, (
        select p.appointment_id from app.payments p
        where p.consultation_id = consultation.id and p.status = 'VERIFIED'
        order by p.paid_at desc limit 1));
begin
    perform app.require_status(
        consultation, 'DRAFT', 'DETAILS_SUBMITTED', 'SLOT_HELD', 'PAYMENT_INITIATED', 'PAID', 'SCHEDULED');
    perform app.cancel_open_payment(consultation.id);
    perform app.cancel_hold(consultation.id, 'CONSULTATION_CLOSED');
    perform app.cancel_paid_consultation(consultation.id);
    update app.consultations c set status = 'CANCELED' where c.id = consultation.id and c.status <> 'CANCELED';
    insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
    select p.id, p.amount_toman, p.amount_toman, 'ADMIN_CANCELED'
    from app.payments p
    where p.consultation_id = consultation.id and p.status = 'VERIFIED'
    on conflict on constraint refunds_payment_id_key do nothing;
    if v_seat_id is not null then
        perform app.report_canceled_appointment(v_seat_id);
    end if;
end
$$;

comment on function app.cancel_by_clinic(app.consultations, app.appointments) is
    'Cancels the locked consultation for an admin: its seat is free, a refund is due for what was paid, the owner is told.
INVALID_STATE.';
-- end of sql/app/payments/cancel_by_clinic.sql

-- from sql/app/consultations/lock_consultation.sql
create or replace function app.lock_consultation(consultation_id uuid)
returns app.consultations
language plpgsql
set search_path = ''
as $$
declare
    v_consultation app.consultations;
begin
    select c.* into v_consultation
    from app.consultations c
    where c.id = consultation_id and c.deleted_at is null
    for no key update;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such consultation.');
    end if;
    return v_consultation;
end
$$;

comment on function app.lock_consultation(uuid) is 'Locks a consultation, whosever it is. NOT_FOUND.';
-- end of sql/app/consultations/lock_consultation.sql

-- from sql/app/consultations/require_edit.sql
create or replace function app.require_edit(
    status app.consultation_status,
    doctor_id uuid,
    start_at timestamptz,
    outcome app.appointment_outcome
)
returns void
language sql
set search_path = ''
as $$
    select app.fail_validation(jsonb_build_object(
        'body', case when num_nonnulls(status, doctor_id, start_at, outcome) = 0 then 'Give something to change.' end,
        'status', case when status not in ('SCHEDULED', 'COMPLETED', 'CANCELED')
            then 'Give SCHEDULED, COMPLETED or CANCELED: the others come about by themselves.' end,
        'outcome', case when outcome is not null and status in ('SCHEDULED', 'CANCELED')
            then 'Only a call that is completed has an outcome.' end,
        'start_at', case when status = 'CANCELED' and num_nonnulls(doctor_id, start_at) > 0
            then 'What is canceled has no time and no doctor.' end))
$$;

comment on function app.require_edit(app.consultation_status, uuid, timestamptz, app.appointment_outcome) is
    'VALIDATION_FAILED unless it is a change that an admin can make at once.';
-- end of sql/app/consultations/require_edit.sql

-- from sql/app/consultations/edit_status.sql
create or replace function app.edit_status(
    consultation_id uuid,
    status app.consultation_status,
    outcome app.appointment_outcome
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_consultation(consultation_id);
    v_seat app.appointments := app.live_appointment(consultation_id);
begin
    case
        when status = 'CANCELED' then
            perform app.cancel_by_clinic(v_consultation, v_seat);
        when status = 'COMPLETED' then
            perform app.require_status(v_consultation, 'SCHEDULED');
            perform app.complete_appointment(v_seat, outcome);
        when status = 'SCHEDULED' then  -- reached by payment and seat alone: start_at gives the seat
            perform app.require_status(v_consultation, 'SCHEDULED');
        when outcome is not null then
            perform app.correct_outcome(consultation_id, outcome);
        else
            null;
    end case;
end
$$;

comment on function app.edit_status(uuid, app.consultation_status, app.appointment_outcome) is
    'Brings the consultation to the status that an admin wants, with all that belongs to it. INVALID_STATE.';
-- end of sql/app/consultations/edit_status.sql

-- from sql/api/edit_consultation.sql
-- Locks the consultation first, like everything that changes it or its appointments and payments; then slots by start,
-- then doctors. One transaction: of several changes all happen, or none.
create or replace function api.edit_consultation(
    consultation_id uuid,
    status app.consultation_status default null,
    doctor_id uuid default null,
    start_at timestamptz default null,
    outcome app.appointment_outcome default null,
    version integer default null
)
returns api.admin_consultation_details
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations;
    v_seat app.appointments;
    v_result api.admin_consultation_details;
begin
    perform app.require_admin();
    perform app.require_edit(status, doctor_id, start_at, outcome);
    v_consultation := app.lock_consultation(consultation_id);
    perform app.require_version(app.consultation_version(consultation_id), version);
    perform app.release_lapsed_holds(array[(app.live_appointment(consultation_id)).id]);  -- if it has lapsed
    v_consultation := app.lock_consultation(consultation_id);
    v_seat := app.live_appointment(consultation_id);
    if start_at is not null then
        perform app.reschedule(v_consultation, v_seat, start_at, doctor_id is not null);
    end if;
    if doctor_id is not null then
        perform app.give_to_doctor(app.live_appointment(consultation_id), doctor_id);
    end if;
    if v_seat.start_at <> edit_consultation.start_at then
        perform app.report_moved_appointment(v_seat.id, v_seat.start_at);
    end if;
    perform app.edit_status(consultation_id, status, outcome);
    select d.* into strict v_result from api.admin_consultation_details d where d.id = consultation_id;
    return v_result;
end
$$;

comment on function api.edit_consultation(
    uuid, app.consultation_status, uuid, timestamptz, app.appointment_outcome, integer) is
E'Change a consultation\n\nAny of these at once, all or nothing. start_at moves the appointment, under the rules of
rpc/hold_slot, or takes a seat: HELD for an unpaid consultation, CONFIRMED (so SCHEDULED) for a paid one; it keeps the doctor
who is free then, and tells the owner. doctor_id gives a confirmed appointment to a doctor. status COMPLETED, after the
start, ends it with its outcome (TOOK_PLACE unless given, or NO_SHOW), which can be corrected later; CANCELED frees the seat,
makes a refund due for what was paid, and tells the owner; SCHEDULED asserts that it is, or is by start_at. version is what
the caller has seen, null for any. Gives the consultation whole. PRECONDITION_FAILED (details: the version), NOT_FOUND,
INVALID_STATE, PAYMENT_IN_PROGRESS, SLOT_FULL, SLOT_NOT_OFFERED, CONFLICT (the doctor is not free), VALIDATION_FAILED,
FORBIDDEN. For admins.';
grant execute on function api.edit_consultation(
    uuid, app.consultation_status, uuid, timestamptz, app.appointment_outcome, integer) to app_admin;
-- end of sql/api/edit_consultation.sql
