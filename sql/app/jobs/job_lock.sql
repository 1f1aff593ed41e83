create or replace function app.job_lock(name text)
returns bigint
language sql
immutable
parallel safe
set search_path = ''
as $$
    select hashtextextended('vetline:job:' || name, 0)
$$;

comment on function app.job_lock(text) is 'The advisory lock that a session holds while it runs the job.';
