-- files are checked and counted and deleted
-- depends: 0010_keep_the_plans_of_the_check_before_each_request

-- alter for sql/foundation/enums.sql 75ea0230c2ba
create type app.deletion_reason as enum (
    'UNUSED',         -- a day old, and nobody registered it
    'REFUSED',        -- not what its ticket says
    'REGISTERED',     -- what was kept is a copy
    'ABANDONED',      -- a copy made by a check that came to no end
    'MEDIA_DELETED',
    'SWEPT'           -- lay in the bucket, and no row spoke of it
);

-- from sql/app/request/require_owner.sql
create or replace function app.require_owner()
returns void
language plpgsql
set search_path = ''
as $$
begin
    if app.claims() ->> 'role' is distinct from 'app_user' then
        perform app.fail('FORBIDDEN', 'This is for pet owners.');
    end if;
end
$$;

comment on function app.require_owner() is
    'FORBIDDEN unless a pet owner is signed in; app.check_request has proved that the role in the token is theirs.';
-- end of sql/app/request/require_owner.sql

-- from sql/app/consultations/tg_consultations__drop_media.sql
create or replace function app.tg_consultations__drop_media()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    delete from app.media m where m.consultation_id = new.id;
    return null;
end
$$;

comment on function app.tg_consultations__drop_media() is
    'Nobody will read the files of a consultation that expired or was deleted.';
-- end of sql/app/consultations/tg_consultations__drop_media.sql

-- alter for sql/app/consultations/consultations.sql 1a96df96089f
create trigger consultations_530_drop_media after update on app.consultations
    for each row when (
        (new.status = 'EXPIRED' and old.status is distinct from new.status)
        or (new.deleted_at is not null and old.deleted_at is null))
    execute function app.tg_consultations__drop_media();

-- from sql/app/media/upload_rules.sql
-- What may be uploaded, as data: a row is a kind of file, and nothing else is taken. The sidecar knows how to check the
-- bytes of each mime_type; the sizes are here alone.
create table app.upload_rules (
    category app.media_category not null,
    extension text not null,
    mime_type text not null,
    max_bytes bigint not null,
    constraint upload_rules_pkey primary key (category, extension),
    constraint upload_rules_mime_type_key unique (category, extension, mime_type),
    constraint upload_rules_extension_check check (extension ~ '^[a-z0-9]+$'),
    constraint upload_rules_max_bytes_check check (max_bytes > 0)
);

alter table app.upload_rules enable row level security;
alter table app.upload_rules force row level security;
create policy upload_rules_all_owner on app.upload_rules to app_owner using (true) with check (true);

comment on table app.upload_rules is 'The kinds of file that are taken, and how large each may be.';

insert into app.upload_rules (category, extension, mime_type, max_bytes) values
    ('AUDIO', 'mp3', 'audio/mpeg', 10 * 1024 * 1024),
    ('AUDIO', 'm4a', 'audio/mp4', 10 * 1024 * 1024),
    ('AUDIO', 'wav', 'audio/wav', 10 * 1024 * 1024),
    ('VIDEO', 'mp4', 'video/mp4', 10 * 1024 * 1024),
    ('DOCUMENT', 'pdf', 'application/pdf', 5 * 1024 * 1024),
    ('DOCUMENT', 'jpg', 'image/jpeg', 5 * 1024 * 1024),
    ('DOCUMENT', 'png', 'image/png', 5 * 1024 * 1024),
    ('IMAGE', 'jpg', 'image/jpeg', 5 * 1024 * 1024),
    ('IMAGE', 'png', 'image/png', 5 * 1024 * 1024);
-- end of sql/app/media/upload_rules.sql

-- from sql/app/media/is_purpose_of.sql
create or replace function app.is_purpose_of(purpose app.media_purpose, category app.media_category)
returns boolean
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case purpose
        when 'VOICE_NOTE' then category = 'AUDIO'
        when 'PET_VIDEO' then category = 'VIDEO'
        when 'MEDICAL_DOC' then category in ('DOCUMENT', 'IMAGE')
        else true
    end
$$;

comment on function app.is_purpose_of(app.media_purpose, app.media_category) is
    'Whether a file of this category can serve the purpose; OTHER takes them all.';
-- end of sql/app/media/is_purpose_of.sql

-- from sql/app/media/new_object_key.sql
create or replace function app.new_object_key(folder text)
returns text
language sql
volatile
set search_path = ''
as $$
    select folder || '/' || encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'hex')
$$;

comment on function app.new_object_key(text) is
    'A random key: uploads/… for what a client is about to send, media/… for what was checked.';
-- end of sql/app/media/new_object_key.sql

-- from sql/app/media/uploads.sql
-- A ticket per pre-signed upload. The client writes under object_key as long as its signed URL lives; what is kept is a
-- copy of exactly the bytes that were checked, under a key that nobody outside knows (kept_key, a new one for each try),
-- so that a late second upload changes nothing. Every object that may lie in the bucket has its key here, in app.media
-- or in app.object_deletions: what has it nowhere is what a crash left behind.
create table app.uploads (
    id uuid not null default app.new_id(),
    object_key text not null default app.new_object_key('uploads'),
    owner_user_id uuid not null,
    category app.media_category not null,
    extension text not null,
    mime_type text not null,
    size_bytes bigint not null,
    purpose app.media_purpose,
    expires_at timestamptz not null default clock_timestamp() + interval '15 minutes',
    used_at timestamptz,
    kept_key text,
    checked_until timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint uploads_pkey primary key (id),
    constraint uploads_object_key_key unique (object_key),
    constraint uploads_kept_key_key unique (kept_key),
    constraint uploads_owner_user_id_fkey foreign key (owner_user_id) references app.users (id),
    constraint uploads_rule_fkey foreign key (category, extension, mime_type)
        references app.upload_rules (category, extension, mime_type),
    constraint uploads_purpose_check check (app.is_purpose_of(purpose, category)),
    constraint uploads_size_check check (size_bytes > 0),
    constraint uploads_lease_check check ((checked_until is null) = (kept_key is null))
);

create index uploads_owner_user_id_idx on app.uploads (owner_user_id, created_at);
create index uploads_rule_idx on app.uploads (category, extension, mime_type);
create index uploads_created_at_idx on app.uploads (created_at);

create trigger uploads_100_touch before update on app.uploads
    for each row execute function app.tg__touch();

alter table app.uploads enable row level security;
alter table app.uploads force row level security;
create policy uploads_all_owner on app.uploads to app_owner using (true) with check (true);

comment on table app.uploads is 'Tickets for uploads: each works once, for a day.';
comment on column app.uploads.expires_at is 'Until then its signed URL works; registering what was uploaded may come later.';
comment on column app.uploads.used_at is 'When it was registered or refused.';
comment on column app.uploads.kept_key is 'Where the check that goes on right now, until checked_until (a lease), copies to.';
-- end of sql/app/media/uploads.sql

-- from sql/app/media/object_deletions.sql
-- The outbox of deletions: written in the transaction that makes an object superfluous, done by whichever worker claims
-- it. A claim moves next_attempt_at past its lease, so that what a dead worker took comes back by itself.
create table app.object_deletions (
    object_key text not null,
    reason app.deletion_reason not null,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default clock_timestamp(),
    created_at timestamptz not null default clock_timestamp(),
    constraint object_deletions_pkey primary key (object_key)
);

create index object_deletions_next_attempt_at_idx on app.object_deletions (next_attempt_at);

alter table app.object_deletions enable row level security;
alter table app.object_deletions force row level security;
create policy object_deletions_all_owner on app.object_deletions to app_owner using (true) with check (true);

comment on table app.object_deletions is 'Objects that are to be deleted from the bucket; a row goes when its object is gone.';
comment on column app.object_deletions.next_attempt_at is
    'When it may be claimed. Not before the object''s signed URL has ended: until then a client could write it again.';
-- end of sql/app/media/object_deletions.sql

-- from sql/app/media/bucket_sweeps.sql
create table app.bucket_sweeps (
    is_the_only_row boolean not null default true,
    started_at timestamptz not null,
    constraint bucket_sweeps_pkey primary key (is_the_only_row),
    constraint bucket_sweeps_one_row_check check (is_the_only_row)
);

alter table app.bucket_sweeps enable row level security;
alter table app.bucket_sweeps force row level security;
create policy bucket_sweeps_all_owner on app.bucket_sweeps to app_owner using (true) with check (true);

comment on table app.bucket_sweeps is 'When the bucket was gone through last, so that one sidecar of many does it.';
-- end of sql/app/media/bucket_sweeps.sql

-- from sql/app/media/doom_object.sql
create or replace function app.doom_object(
    object_key text, reason app.deletion_reason, not_before timestamptz default clock_timestamp()
)
returns void
language sql
set search_path = ''
as $$
    insert into app.object_deletions (object_key, reason, next_attempt_at)
    values (doom_object.object_key, doom_object.reason, doom_object.not_before)
    on conflict on constraint object_deletions_pkey do nothing
$$;

comment on function app.doom_object(text, app.deletion_reason, timestamptz) is
    'Has the object deleted once this transaction is committed, and not before the moment given.';
-- end of sql/app/media/doom_object.sql

-- from sql/app/media/tg_media__place.sql
create or replace function app.tg_media__place()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    new.place := (
        select min(n) from generate_series(1, 10) n
        where not exists (
            select from app.media m where m.consultation_id = new.consultation_id and m.place = n));
    new.document_place := case when new.purpose = 'MEDICAL_DOC' then coalesce((
        select min(n) from generate_series(1, 5) n
        where not exists (
            select from app.media m where m.consultation_id = new.consultation_id and m.document_place = n)), 0) end;
    return new;
end
$$;

comment on function app.tg_media__place() is
    'Gives the file the first free places; the constraints refuse one for which there is none (null and 0).';
-- end of sql/app/media/tg_media__place.sql

-- from sql/app/media/tg_media__record.sql
create or replace function app.tg_media__record()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if tg_op = 'INSERT' then
        perform app.audit('MEDIA_ADDED', 'media', new.id, jsonb_build_object(
            'consultation_id', new.consultation_id, 'category', new.category, 'purpose', new.purpose));
    else
        perform app.audit('MEDIA_DELETED', 'media', old.id, jsonb_build_object('consultation_id', old.consultation_id));
        perform app.doom_object(old.object_key, 'MEDIA_DELETED');
    end if;
    return null;
end
$$;

comment on function app.tg_media__record() is
    'Logs that a file came or went; the object of one that went is deleted after it, whoever deleted the row.';
-- end of sql/app/media/tg_media__record.sql

-- alter for sql/app/media/media.sql 9c5753bb0d68
alter table app.media add column place smallint;
alter table app.media add column document_place smallint;
-- The oldest files keep the first places.
update app.media m
set place = n.place, document_place = case when m.purpose = 'MEDICAL_DOC' then n.document_place end
from (
    select f.id,
        row_number() over (partition by f.consultation_id order by f.id) as place,
        row_number() over (partition by f.consultation_id, f.purpose order by f.id) as document_place
    from app.media f
) n
where n.id = m.id;
alter table app.media
    -- squawk-ignore adding-not-nullable-field -- few rows: there was no way yet to add a file
    alter column place set not null,
    -- squawk-ignore constraint-missing-not-valid -- few rows: there was no way yet to add a file
    add constraint media_purpose_check check (app.is_purpose_of(purpose, category)),
    -- squawk-ignore constraint-missing-not-valid -- few rows: there was no way yet to add a file
    add constraint media_place_check check (place between 1 and 10),
    -- squawk-ignore constraint-missing-not-valid -- few rows: there was no way yet to add a file
    add constraint media_document_place_check check (
        (document_place is not null) = (purpose = 'MEDICAL_DOC') and document_place between 1 and 5);
alter table app.media
    -- squawk-ignore constraint-missing-not-valid, disallowed-unique-constraint -- few rows: there was no way yet to add a file
    add constraint media_place_key unique (consultation_id, place),
    -- squawk-ignore constraint-missing-not-valid, disallowed-unique-constraint -- few rows: there was no way yet to add a file
    add constraint media_document_place_key unique (consultation_id, document_place);
-- squawk-ignore require-concurrent-index-creation -- few rows: there was no way yet to add a file
create unique index media_video_key on app.media (consultation_id) where category = 'VIDEO';
-- squawk-ignore require-concurrent-index-creation -- few rows: there was no way yet to add a file
create unique index media_voice_note_key on app.media (consultation_id) where purpose = 'VOICE_NOTE';
alter table app.media
    -- squawk-ignore ban-drop-constraint -- the same, and more, takes its place
    drop constraint media_consultation_id_fkey,
    -- squawk-ignore constraint-missing-not-valid, adding-foreign-key-constraint -- few rows: there was no way yet to add a file
    add constraint media_consultation_id_fkey
        foreign key (consultation_id, owner_user_id) references app.consultations (id, user_id) on delete cascade;
alter table app.consultations
    -- squawk-ignore ban-drop-constraint -- the same, and more, takes its place
    drop constraint consultations_voice_media_id_fkey,
    -- squawk-ignore constraint-missing-not-valid, adding-foreign-key-constraint -- few rows: there was no way yet to add a file
    add constraint consultations_voice_media_id_fkey
        foreign key (voice_media_id, id) references app.media (id, consultation_id) on delete set null (voice_media_id);
create trigger media_110_place before insert on app.media
    for each row execute function app.tg_media__place();
create trigger media_500_record after insert or delete on app.media
    for each row execute function app.tg_media__record();
comment on column app.media.duration_sec is 'Measured; null where there is none, or a stream does not tell it.';
comment on column app.media.place is 'One of ten; the database gives the first that is free.';
comment on column app.media.document_place is 'One of five, for medical documents.';

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
grant execute on function api.submit_details(uuid, text, uuid) to app_user, sidecar;
-- end of sql/api/submit_details.sql

-- from sql/app/media/require_upload_rule.sql
create or replace function app.require_upload_rule(category text, ext text, size bigint, purpose text)
returns app.upload_rules
language plpgsql
stable
set search_path = ''
as $$
declare
    v_rule app.upload_rules;
    v_categories text[] := enum_range(null::app.media_category)::text[];
    v_purposes text[] := enum_range(null::app.media_purpose)::text[];
begin
    perform app.fail_validation(jsonb_build_object(
        'category', case when category <> all (v_categories) then 'One of ' || array_to_string(v_categories, ', ') end,
        'purpose', case when purpose <> all (v_purposes) then 'One of ' || array_to_string(v_purposes, ', ') end));
    select r.* into v_rule
    from app.upload_rules r
    where r.category = require_upload_rule.category::app.media_category
      and r.extension = lower(require_upload_rule.ext);
    perform app.fail_validation(jsonb_build_object(
        'ext', case when v_rule.extension is null then (
            select format('For %s one of %s.', r.category, string_agg(r.extension, ', ' order by r.extension))
            from app.upload_rules r
            where r.category::text = require_upload_rule.category
            group by r.category) end,
        'size', case when size not between 1 and v_rule.max_bytes
            then format('1 to %s bytes.', v_rule.max_bytes) end,
        'purpose', case when not app.is_purpose_of(purpose::app.media_purpose, v_rule.category)
            then format('Not a purpose of %s.', category) end));
    return v_rule;
end
$$;

comment on function app.require_upload_rule(text, text, bigint, text) is
    'The rule for such a file (size in bytes; purpose may be null). VALIDATION_FAILED with the fields that break it.';
-- end of sql/app/media/require_upload_rule.sql

-- from sql/app/media/require_purpose.sql
create or replace function app.require_purpose(purpose text, category app.media_category)
returns app.media_purpose
language plpgsql
stable
set search_path = ''
as $$
declare
    v_purposes text[] := enum_range(null::app.media_purpose)::text[];
begin
    perform app.fail_validation(jsonb_build_object('purpose', case
        when purpose is null then 'is missing'
        when purpose <> all (v_purposes) then 'One of ' || array_to_string(v_purposes, ', ')
        when not app.is_purpose_of(purpose::app.media_purpose, category) then format('Not a purpose of %s.', category)
    end));
    return purpose::app.media_purpose;
end
$$;

comment on function app.require_purpose(text, app.media_category) is
    'The purpose, which a file of the category can serve. VALIDATION_FAILED.';
-- end of sql/app/media/require_purpose.sql

-- from sql/app/media/require_media_room.sql
-- For a clear answer: that there are never more is what the constraints of app.media see to.
create or replace function app.require_media_room(
    consultation_id uuid, category app.media_category, purpose app.media_purpose
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_limit integer;
begin
    select case
        when count(*) >= 10 then 10
        when require_media_room.purpose = 'MEDICAL_DOC' and count(*) filter (where m.purpose = 'MEDICAL_DOC') >= 5 then 5
        when require_media_room.purpose = 'VOICE_NOTE' and bool_or(m.purpose = 'VOICE_NOTE') then 1
        when require_media_room.category = 'VIDEO' and bool_or(m.category = 'VIDEO') then 1
    end into v_limit
    from app.media m
    where m.consultation_id = require_media_room.consultation_id;
    if v_limit is not null then
        perform app.fail('CONFLICT', 'The consultation has as many files of this kind as it may have.',
                         jsonb_build_object('fields', jsonb_build_object('purpose', format('%s at most.', v_limit))));
    end if;
end
$$;

comment on function app.require_media_room(uuid, app.media_category, app.media_purpose) is
    'CONFLICT when the locked consultation can''t have one more such file.';
-- end of sql/app/media/require_media_room.sql

-- from sql/app/media/lock_open_consultation.sql
create or replace function app.lock_open_consultation(consultation_id uuid)
returns app.consultations
language plpgsql
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
begin
    perform app.require_status(
        v_consultation, 'DRAFT', 'DETAILS_SUBMITTED', 'SLOT_HELD', 'PAYMENT_INITIATED', 'PAID', 'SCHEDULED');
    return v_consultation;
end
$$;

comment on function app.lock_open_consultation(uuid) is
    'Locks the caller''s own consultation, to which files may be added until it ends. NOT_FOUND, INVALID_STATE.';
-- end of sql/app/media/lock_open_consultation.sql

-- from sql/app/media/lock_uploads.sql
create or replace function app.lock_uploads(upload_keys text[])
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_owned integer;
begin
    perform from app.uploads u
    where u.object_key = any (upload_keys) and u.owner_user_id = app.current_user_id()
    order by u.object_key
    for no key update;
    get diagnostics v_owned = row_count;
    if v_owned < cardinality(upload_keys) then
        perform app.fail('NOT_FOUND', 'There is no such upload, or it is named twice.');
    end if;
    if exists (select from app.uploads u where u.object_key = any (upload_keys) and u.used_at is not null) then
        perform app.fail('CONFLICT', 'An upload can be used once, and this one was.');
    end if;
end
$$;

comment on function app.lock_uploads(text[]) is
    'Locks the caller''s tickets, which nobody has used yet. NOT_FOUND, CONFLICT.';
-- end of sql/app/media/lock_uploads.sql

-- from sql/app/media/close_upload.sql
-- The client's signed URL may outlive the ticket: what was uploaded is deleted once nobody can write it again.
create or replace function app.close_upload(upload_id uuid, reason app.deletion_reason)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_upload app.uploads;
begin
    select u.* into v_upload from app.uploads u where u.id = upload_id;
    perform app.doom_object(v_upload.object_key, reason, v_upload.expires_at + interval '1 minute');
    if v_upload.kept_key is not null and reason <> 'REGISTERED' then
        perform app.doom_object(v_upload.kept_key, 'ABANDONED');
    end if;
    update app.uploads u set used_at = clock_timestamp(), kept_key = null, checked_until = null where u.id = v_upload.id;
end
$$;

comment on function app.close_upload(uuid, app.deletion_reason) is
    'The locked ticket has worked: its object is deleted, and so is the copy unless it was registered.';
-- end of sql/app/media/close_upload.sql

-- from sql/sidecar/create_upload.sql
-- The tickets themselves are what is counted: granted ones are committed, and a refused one leaves nothing to count. The
-- person's lock puts their own requests in a row, whichever sidecar they come through.
create or replace function sidecar.create_upload(
    category text,
    ext text,
    size bigint,
    purpose text,
    out upload_key text,
    out mime_type text,
    out expires_at timestamptz,
    out retry_after integer
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_rule app.upload_rules;
    v_recent timestamptz[];
begin
    perform app.require_owner();
    perform from app.users u where u.id = app.current_user_id() for no key update;
    v_recent := array(
        select u.created_at from app.uploads u
        where u.owner_user_id = app.current_user_id() and u.created_at > clock_timestamp() - interval '1 minute'
        order by u.created_at);
    if cardinality(v_recent) >= 20 then
        retry_after := ceil(extract(epoch from v_recent[1] + interval '1 minute' - clock_timestamp()));
        return;
    end if;
    v_rule := app.require_upload_rule(category, ext, size, purpose);
    insert into app.uploads as u (owner_user_id, category, extension, mime_type, size_bytes, purpose)
    values (app.current_user_id(), v_rule.category, v_rule.extension, v_rule.mime_type, size,
            create_upload.purpose::app.media_purpose)
    returning u.object_key, u.mime_type, u.expires_at into upload_key, mime_type, expires_at;
end
$$;

comment on function sidecar.create_upload(text, text, bigint, text) is
    'A ticket for a file of size bytes, for the signed-in owner, twenty a minute at most: then retry_after (seconds) and
no ticket. FORBIDDEN, VALIDATION_FAILED.';
grant execute on function sidecar.create_upload(text, text, bigint, text) to sidecar;
-- end of sql/sidecar/create_upload.sql

-- from sql/sidecar/begin_registration.sql
-- First of the two transactions of a registration: the bytes are checked between them, with nothing locked. The lease
-- keeps a second request from checking the same upload; the key it copies to is made for this try alone, so that a try
-- that was given up for dead can't write over the next one's copy.
create or replace function sidecar.begin_registration(consultation_id uuid, upload_keys text[], lease interval)
returns table (upload_key text, kept_key text, mime_type text, size_bytes bigint)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_open_consultation(consultation_id);
begin
    perform app.lock_uploads(upload_keys);
    if exists (
        select from app.uploads u where u.object_key = any (upload_keys) and u.checked_until > clock_timestamp()
    ) then
        perform app.fail('CONFLICT', 'This upload is being checked right now.');
    end if;
    perform app.doom_object(u.kept_key, 'ABANDONED')
    from app.uploads u
    where u.object_key = any (upload_keys) and u.kept_key is not null;
    return query
        update app.uploads u
        set kept_key = app.new_object_key('media'), checked_until = clock_timestamp() + lease
        where u.object_key = any (upload_keys)
        returning u.object_key, u.kept_key, u.mime_type, u.size_bytes;
end
$$;

comment on function sidecar.begin_registration(uuid, text[], interval) is
    'Takes the right to check these uploads of the signed-in owner, for the time of the lease: what each must be, and
where to copy it to. NOT_FOUND, INVALID_STATE, CONFLICT.';
grant execute on function sidecar.begin_registration(uuid, text[], interval) to sidecar;
-- end of sql/sidecar/begin_registration.sql

-- from sql/sidecar/register_upload.sql
create or replace function sidecar.register_upload(
    consultation_id uuid,
    upload_key text,
    kept_key text,
    purpose text,
    duration_sec numeric,
    width integer,
    height integer
)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_open_consultation(consultation_id);
    v_upload app.uploads;
    v_id uuid;
begin
    perform app.lock_uploads(array[upload_key]);
    select u.* into v_upload from app.uploads u where u.object_key = upload_key;
    if v_upload.kept_key is distinct from register_upload.kept_key then
        perform app.fail('CONFLICT', 'Another request checks this upload.');
    end if;
    v_upload.purpose := app.require_purpose(coalesce(register_upload.purpose, v_upload.purpose::text), v_upload.category);
    perform app.require_media_room(v_consultation.id, v_upload.category, v_upload.purpose);
    insert into app.media as m (consultation_id, owner_user_id, category, purpose, object_key, mime_type, size_bytes,
        duration_sec, width, height)
    values (v_consultation.id, v_consultation.user_id, v_upload.category, v_upload.purpose, v_upload.kept_key,
        v_upload.mime_type, v_upload.size_bytes, register_upload.duration_sec, register_upload.width,
        register_upload.height)
    returning m.id into v_id;
    perform app.close_upload(v_upload.id, 'REGISTERED');
    return v_id;
end
$$;

comment on function sidecar.register_upload(uuid, text, text, text, numeric, integer, integer) is
    'Makes the copy under kept_key a file of the consultation: the upload was checked, and this is what was measured
(seconds, pixels). NOT_FOUND, INVALID_STATE, CONFLICT, VALIDATION_FAILED.';
grant execute on function sidecar.register_upload(uuid, text, text, text, numeric, integer, integer) to sidecar;
-- end of sql/sidecar/register_upload.sql

-- from sql/sidecar/refuse_upload.sql
-- As the system: the session may have ended meanwhile, and a bad file must not be tried again for that.
create or replace function sidecar.refuse_upload(upload_key text, kept_key text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id uuid;
begin
    select u.id into v_id
    from app.uploads u
    where u.object_key = upload_key and u.kept_key = refuse_upload.kept_key
    for no key update;
    if found then
        perform app.close_upload(v_id, 'REFUSED');
        perform app.audit('UPLOAD_REFUSED', 'upload', v_id);
    end if;
    return found;
end
$$;

comment on function sidecar.refuse_upload(text, text) is
    'The file is not what its ticket says: the ticket is spent, and the object goes. False when another request has it.';
grant execute on function sidecar.refuse_upload(text, text) to sidecar;
-- end of sql/sidecar/refuse_upload.sql

-- from sql/sidecar/abandon_registration.sql
create or replace function sidecar.abandon_registration(kept_keys text[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform from app.uploads u where u.kept_key = any (kept_keys) order by u.object_key for no key update;
    perform app.doom_object(u.kept_key, 'ABANDONED', clock_timestamp() + interval '1 minute')
    from app.uploads u
    where u.kept_key = any (kept_keys);
    update app.uploads u set kept_key = null, checked_until = null where u.kept_key = any (kept_keys);
end
$$;

comment on function sidecar.abandon_registration(text[]) is
    'Gives the leases back, because nothing came of it: the tickets work again at once, and copies are deleted.';
grant execute on function sidecar.abandon_registration(text[]) to sidecar;
-- end of sql/sidecar/abandon_registration.sql

-- from sql/sidecar/drop_voice_note.sql
create or replace function sidecar.drop_voice_note(consultation_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
begin
    delete from app.media m where m.consultation_id = v_consultation.id and m.purpose = 'VOICE_NOTE';
end
$$;

comment on function sidecar.drop_voice_note(uuid) is
    'Makes room for the new voice note of the signed-in owner''s consultation. NOT_FOUND.';
grant execute on function sidecar.drop_voice_note(uuid) to sidecar;
-- end of sql/sidecar/drop_voice_note.sql

-- from sql/sidecar/media_object.sql
-- Whether the person may see the file was decided by row-level security, in a transaction with their own rights.
create or replace function sidecar.media_object(media_id uuid)
returns table (object_key text, mime_type text, extension text)
language plpgsql
security definer
set search_path = ''
as $$
begin
    return query
        select m.object_key, m.mime_type, r.extension
        from app.media m
        join app.upload_rules r on r.category = m.category and r.mime_type = m.mime_type
        where m.id = media_id;
    if found then
        perform app.audit('MEDIA_DOWNLOADED', 'media', media_id);
    end if;
end
$$;

comment on function sidecar.media_object(uuid) is
    'Where the file lies and what it is, for a link that the signed-in person is about to get; logged. No row: it is gone.';
grant execute on function sidecar.media_object(uuid) to sidecar;
-- end of sql/sidecar/media_object.sql

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
        where d.next_attempt_at <= clock_timestamp()
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

-- from sql/sidecar/finish_object_deletions.sql
create or replace function sidecar.finish_object_deletions(object_keys text[])
returns void
language sql
security definer
set search_path = ''
as $$
    delete from app.object_deletions d where d.object_key = any (object_keys)
$$;

comment on function sidecar.finish_object_deletions(text[]) is 'These objects are gone.';
grant execute on function sidecar.finish_object_deletions(text[]) to sidecar;
-- end of sql/sidecar/finish_object_deletions.sql

-- from sql/sidecar/claim_sweep.sql
create or replace function sidecar.claim_sweep(pause interval)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into app.bucket_sweeps as s (started_at) values (clock_timestamp())
    on conflict on constraint bucket_sweeps_pkey do update
        set started_at = excluded.started_at
        where s.started_at <= excluded.started_at - pause;
    return found;
end
$$;

comment on function sidecar.claim_sweep(interval) is
    'Whether to go through the bucket now: true for one of all that ask within the pause.';
grant execute on function sidecar.claim_sweep(interval) to sidecar;
-- end of sql/sidecar/claim_sweep.sql

-- from sql/sidecar/sweep_objects.sql
create or replace function sidecar.sweep_objects(object_keys text[])
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_found integer;
begin
    insert into app.object_deletions (object_key, reason)
    select k, 'SWEPT'
    from unnest(object_keys) k
    where not exists (select from app.uploads u where u.object_key = k)
      and not exists (select from app.uploads u where u.kept_key = k)
      and not exists (select from app.media m where m.object_key = k)
    on conflict on constraint object_deletions_pkey do nothing;
    get diagnostics v_found = row_count;
    return v_found;
end
$$;

comment on function sidecar.sweep_objects(text[]) is
    'Has those of these old objects deleted of which no ticket and no file speaks; gives their number.';
grant execute on function sidecar.sweep_objects(text[]) to sidecar;
-- end of sql/sidecar/sweep_objects.sql

-- alter for sql/app/jobs/jobs.sql 33185b8e509e
insert into app.jobs (name, schedule, function_name) values ('uploads:prune', '10 * * * *', 'app.prune_uploads');

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
        where u.created_at < clock_timestamp() - interval '1 day'
          and (u.checked_until is null or u.checked_until < clock_timestamp())
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
