create or replace view app.last_job_runs with (security_invoker = true) as
select j.name, r.started_at
from app.jobs j
cross join lateral (
    select r.started_at from app.job_runs r where r.job_name = j.name order by r.started_at desc limit 1
) r;

grant select on app.last_job_runs to job_runner, app_admin;

comment on view app.last_job_runs is 'When each job began its latest run; jobs that never ran are missing.';
