create or replace view app.last_job_runs with (security_invoker = true) as
select r.job_name as name, max(r.started_at) as started_at
from app.job_runs r
group by r.job_name;

grant select on app.last_job_runs to job_runner, app_admin;

comment on view app.last_job_runs is 'When each job began its latest run.';
