-- Lets the job runner's role register its own jobs with pg_cron. Run once by a superuser, in the database that
-- cron.database_name names (postgres by default); safe to repeat. What postgresql.conf needs besides:
--   shared_preload_libraries = 'pg_cron'
--   cron.use_background_workers = on   (jobs need no password; max_worker_processes must have room for them)
--   cron.log_run = off                 (app.job_runs is the history)
create extension if not exists pg_cron;
grant usage on schema cron to job_runner;
grant execute on function cron.schedule_in_database(text, text, text, text, text, boolean) to job_runner;
