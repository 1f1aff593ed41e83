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
