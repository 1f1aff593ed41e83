-- Files that were checked and belong to a consultation. The bytes lie in the object store under object_key, which says
-- nothing about their owner. How many there may be is structure, as with the lanes of a slot: each file has one of ten
-- places, each medical document one of five besides, and there is one video and one voice note at most.
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
    place smallint not null,
    document_place smallint,
    constraint media_pkey primary key (id),
    constraint media_id_consultation_id_key unique (id, consultation_id),
    constraint media_object_key_key unique (object_key),
    constraint media_consultation_id_fkey
        foreign key (consultation_id, owner_user_id) references app.consultations (id, user_id) on delete cascade,
    constraint media_size_check check (size_bytes > 0),
    constraint media_duration_check check (duration_sec >= 0),
    constraint media_dimensions_check check (width > 0 and height > 0),
    constraint media_purpose_check check (app.is_purpose_of(purpose, category)),
    constraint media_place_key unique (consultation_id, place),
    constraint media_place_check check (place between 1 and 10),
    constraint media_document_place_key unique (consultation_id, document_place),
    constraint media_document_place_check check (
        (document_place is not null) = (purpose = 'MEDICAL_DOC') and document_place between 1 and 5)
);

create index media_consultation_id_idx on app.media (consultation_id, owner_user_id);
create unique index media_video_key on app.media (consultation_id) where category = 'VIDEO';
create unique index media_voice_note_key on app.media (consultation_id) where purpose = 'VOICE_NOTE';

-- The voice note is one of the consultation's own files.
alter table app.consultations add constraint consultations_voice_media_id_fkey
    foreign key (voice_media_id, id) references app.media (id, consultation_id) on delete set null (voice_media_id);

create trigger media_100_touch before update on app.media
    for each row execute function app.tg__touch();
create trigger media_110_place before insert on app.media
    for each row execute function app.tg_media__place();
create trigger media_500_record after insert or delete on app.media
    for each row execute function app.tg_media__record();

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
comment on column app.media.duration_sec is 'Measured; null where there is none, or a stream does not tell it.';
comment on column app.media.place is 'One of ten; the database gives the first that is free.';
comment on column app.media.document_place is 'One of five, for medical documents.';
