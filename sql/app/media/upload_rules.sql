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
