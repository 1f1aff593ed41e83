create or replace function app.finish_job_run(run_id bigint, rows bigint, error text default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_name text;
begin
    update app.job_runs r
    set ended_at = clock_timestamp(), rows = finish_job_run.rows, error = finish_job_run.error
    where r.id = run_id and r.ended_at is null
    returning r.job_name into v_name;
    if found then
        perform pg_advisory_unlock(app.job_lock(v_name));
    end if;
end
$$;

comment on function app.finish_job_run(bigint, bigint, text) is
    'Notes how the run that this session began has ended, and lets go of the job''s lock.';
grant execute on function app.finish_job_run(bigint, bigint, text) to job_runner;
