-- NOTE: the latest run of each job stays: it says whether a run was missed.
create or replace function app.prune_job_runs(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    with old as (
        delete from app.job_runs r
        where r.id = any (array(
            select d.id from app.job_runs d
            where d.started_at < (select clock_timestamp() - interval '30 days')
              and exists (select from app.job_runs n where n.job_name = d.job_name and n.started_at > d.started_at)
            limit max_rows
            for update skip locked))
        returning r.id
    )
    select count(*) from old
$$;

comment on function app.prune_job_runs(integer) is 'Job: forgets the history of jobs older than 30 days.';
