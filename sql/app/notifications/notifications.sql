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
