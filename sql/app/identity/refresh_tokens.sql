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
