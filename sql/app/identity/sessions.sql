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
