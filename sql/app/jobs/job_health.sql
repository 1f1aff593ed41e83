create or replace function app.job_health()
returns table (job_name text, succeeded_at timestamptz, is_failing boolean)
language sql
stable
set search_path = ''
as $$
    select j.name, s.ended_at, coalesce(l.error is not null, false)
    from app.jobs j
    left join lateral (
        select r.ended_at from app.job_runs r
        where r.job_name = j.name and r.ended_at is not null and r.error is null
        order by r.started_at desc limit 1) s on true
    left join lateral (
        select r.error from app.job_runs r
        where r.job_name = j.name and r.ended_at is not null
        order by r.started_at desc limit 1) l on true
    where j.is_active
$$;

comment on function app.job_health() is
    'When each active job last succeeded (null: not yet), and whether its latest complete run failed.';
