-- Named jobs, a cron schedule (UTC, as pg_cron reads it) and one SQL function each. With pg_cron they are registered
-- there (db/cron.py); without it, db/job_runner.py reads this table. Either way app.run_scheduled_job runs them.
create table app.jobs (
    name text not null,
    schedule text not null,
    function_name text not null,
    is_active boolean not null default true,
    constraint jobs_pkey primary key (name),
    constraint jobs_name_check check (name ~ '^[a-z-]+:[a-z-]+$' and length(name) <= 63),
    constraint jobs_schedule_check check (app.is_cron_schedule(schedule)),
    constraint jobs_function_name_check check (function_name ~ '^app\.[a-z_]+$')
);

alter table app.jobs enable row level security;
alter table app.jobs force row level security;
create policy jobs_all_owner on app.jobs to app_owner using (true) with check (true);
create policy jobs_select_runner on app.jobs for select to job_runner, app_admin using (true);

grant select on app.jobs to job_runner, app_admin;

comment on table app.jobs is 'What is done regularly, and when.';
comment on column app.jobs.function_name is
    'Takes no required argument, does one batch in the caller''s transaction, and gives the number of rows it changed.';

insert into app.jobs (name, schedule, function_name) values
    ('holds:release-expired', '*/5 * * * *', 'app.release_expired_holds'),
    ('consultations:expire', '30 23 * * *', 'app.expire_consultations'),
    ('payments:expire-unsent', '35 23 * * *', 'app.expire_unsent_payments'),
    ('uploads:prune', '10 * * * *', 'app.prune_uploads'),
    ('sessions:prune', '40 23 * * *', 'app.prune_sessions'),
    ('sign-in-attempts:prune', '45 23 * * *', 'app.prune_sign_in_attempts'),
    ('sms:remind', '*/5 * * * *', 'app.queue_reminders'),
    ('jobs:prune-history', '50 23 * * *', 'app.prune_job_runs'),
    ('invariants:check', '17 * * * *', 'app.check_invariants'),
    ('privacy:prune-messages', '55 23 * * *', 'app.prune_messages'),
    ('privacy:prune-medical-data', '58 23 * * *', 'app.prune_medical_data');
