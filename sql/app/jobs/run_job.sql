-- One batch, in the caller's transaction; call it again, in another one, until it gives 0.
create or replace function app.run_job(name text)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_function text;
    v_rows bigint;
begin
    select j.function_name into strict v_function from app.jobs j where j.name = run_job.name;
    execute format('select %s()', v_function) into v_rows;
    return coalesce(v_rows, 0);
end
$$;

comment on function app.run_job(text) is 'Runs one batch of the job and gives the number of rows it changed.';
grant execute on function app.run_job(text) to job_runner;
