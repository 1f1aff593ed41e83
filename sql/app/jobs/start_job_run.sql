create or replace function app.start_job_run(name text)
returns bigint
language sql
security definer
set search_path = ''
as $$
    insert into app.job_runs (job_name) values (name) returning id
$$;

comment on function app.start_job_run(text) is 'Notes that a run begins, and gives its id.';
grant execute on function app.start_job_run(text) to job_runner;
