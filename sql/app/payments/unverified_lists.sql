create table app.unverified_lists (
    provider app.payment_provider not null,
    read_at timestamptz not null,
    constraint unverified_lists_pkey primary key (provider)
);

alter table app.unverified_lists enable row level security;
alter table app.unverified_lists force row level security;
create policy unverified_lists_all_owner on app.unverified_lists to app_owner using (true) with check (true);

comment on table app.unverified_lists is
    'When each gateway''s list of unverified payments was read last, so that one sidecar of many reads it.';
