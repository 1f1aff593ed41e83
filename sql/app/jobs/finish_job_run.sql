create or replace function app.finish_job_run(run_id bigint, rows bigint, error text default null)
returns void
language sql
security definer
set search_path = ''
as $$
    update app.job_runs r
    set ended_at = clock_timestamp(), rows = finish_job_run.rows, error = finish_job_run.error
    where r.id = run_id
$$;

comment on function app.finish_job_run(bigint, bigint, text) is 'Notes how a run ended.';
grant execute on function app.finish_job_run(bigint, bigint, text) to job_runner;
