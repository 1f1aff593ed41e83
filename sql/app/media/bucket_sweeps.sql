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
