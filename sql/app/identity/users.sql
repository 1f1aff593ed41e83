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
    search_words tsvector generated always as (app.search_words(name)) stored,
    erased_at timestamptz,
    constraint users_pkey primary key (id),
    constraint users_mobile_key unique (mobile),
    constraint users_mobile_check
        check (case when erased_at is null then mobile ~ '^09[0-9]{9}$' else mobile = 'erased-' || id end),
    constraint users_erased_check check (erased_at is null or not is_active),
    constraint users_name_check check (name = btrim(name) and app.content_length(name) > 0 and length(name) <= 100)
);

-- Under row-level security the planner does not look which values are frequent. Told that each is rare, it gathers
-- the rows of one by its index (app.few stops at 5001).
alter table app.users alter column role set (n_distinct = 1000);

create index users_created_at_idx on app.users (created_at desc, id desc);
create index users_role_idx on app.users (role);
create index users_mobile_idx on app.users (mobile text_pattern_ops);
create index users_search_words_idx on app.users using gin (search_words);

create trigger users_100_touch before update on app.users
    for each row execute function app.tg__touch();
create trigger users_500_log after update of role, name, mobile, is_active on app.users
    for each row execute function app.tg__log_change('user', 'role', 'is_active');
create trigger users_510_end_sessions after update of role, is_active on app.users
    for each row when (old.is_active and not new.is_active or old.role <> new.role)
    execute function app.tg_users__end_sessions();
create trigger users_520_last_admin after update of role, is_active on app.users
    for each row when (old.role = 'ADMIN' and old.is_active and (new.role <> 'ADMIN' or not new.is_active))
    execute function app.tg_users__last_admin();
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
comment on column app.users.search_words is 'The words of the name as searches compare them (app.word_query).';
comment on column app.users.mobile is
    'Canonical: 09 and nine digits (see app.normalize_mobile); of an erased person a placeholder that no phone has.';
comment on column app.users.erased_at is 'When the person was forgotten on request (app.erase_person).';
