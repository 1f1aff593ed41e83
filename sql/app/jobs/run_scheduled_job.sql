-- What pg_cron and the runner call. A batch is a transaction, so that no lock is held for long; only a procedure
-- without SET clause and of the caller's own rights may commit, so that the work is done by definer functions.
-- pg_cron looks at its jobs once a minute: a run of this minute is the run that it wants.
create or replace procedure app.run_scheduled_job(
    name text,
    due_at timestamptz default date_trunc('minute', clock_timestamp())
)
language plpgsql
as $$
declare
    v_run_id bigint;
    v_batch bigint;
    v_rows bigint := 0;
    v_error text;
begin
    v_run_id := app.start_job_run(name, due_at);
    commit;
    if v_run_id is null then
        return;
    end if;
    loop
        begin
            v_batch := app.run_job(name);
        exception when query_canceled or others then
            v_error := sqlerrm;
        end;
        commit;
        exit when v_error is not null or v_batch = 0;
        v_rows := v_rows + v_batch;
    end loop;
    perform app.finish_job_run(v_run_id, v_rows, v_error);
    if v_error is not null then
        raise warning 'The job % failed: %', name, v_error;
    end if;
end
$$;

comment on procedure app.run_scheduled_job(text, timestamptz) is
    'Runs the job that was due then until there is nothing left to do, and records it; once, whoever else calls it.';
grant execute on procedure app.run_scheduled_job(text, timestamptz) to job_runner;
