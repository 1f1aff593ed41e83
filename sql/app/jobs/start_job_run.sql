-- Any number of runners and a pg_cron may notice the same moment: the job's lock lets one of them in at a time, and a
-- run that has begun since then tells the others that they came too late. The lock belongs to the session and outlives
-- the batches' transactions; it dies with its session, so that a run that is unfinished under it was cut off.
create or replace function app.start_job_run(name text, due_at timestamptz)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_run_id bigint;
begin
    if not pg_try_advisory_lock(app.job_lock(name)) then
        return null;
    end if;
    update app.job_runs r
    set ended_at = clock_timestamp(), error = 'The session that ran it was lost.'
    where r.job_name = start_job_run.name and r.ended_at is null;
    insert into app.job_runs (job_name)
    select j.name
    from app.jobs j
    where j.name = start_job_run.name
      and j.is_active
      and not exists (select from app.job_runs r where r.job_name = j.name and r.started_at >= due_at)
    returning id into v_run_id;
    if v_run_id is null then
        perform pg_advisory_unlock(app.job_lock(name));
    end if;
    return v_run_id;
end
$$;

comment on function app.start_job_run(text, timestamptz) is
    'Begins the run that was due then and gives its id; null when it has begun elsewhere, or the job is not active.';
grant execute on function app.start_job_run(text, timestamptz) to job_runner;
