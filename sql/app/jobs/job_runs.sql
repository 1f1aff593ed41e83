create table app.job_runs (
    id bigint generated always as identity,
    job_name text not null,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    rows bigint,
    error text,
    constraint job_runs_pkey primary key (id),
    constraint job_runs_job_name_fkey foreign key (job_name) references app.jobs (name) on delete cascade
);

create index job_runs_job_name_idx on app.job_runs (job_name, started_at desc);
-- A job runs once at a time.
create unique index job_runs_running_key on app.job_runs (job_name) where ended_at is null;

alter table app.job_runs enable row level security;
alter table app.job_runs force row level security;
create policy job_runs_all_owner on app.job_runs to app_owner using (true) with check (true);
create policy job_runs_select_runner on app.job_runs for select to job_runner, app_admin using (true);

grant select on app.job_runs to job_runner, app_admin;

comment on table app.job_runs is 'Each run of a job: when, how many rows, which error.';
