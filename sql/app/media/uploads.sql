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
