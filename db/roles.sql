-- Cluster-wide roles: who may become whom, and how long their statements may take. Run by a superuser before the
-- migrations, at every start; safe to repeat. Passwords are set apart from this (the launcher, or the operator).
do $$
declare
    v_role text;
begin
    foreach v_role in array array[
        'app_owner', 'anon', 'app_user', 'app_doctor', 'app_admin',
        'authenticator', 'sidecar', 'job_runner', 'migrator'
    ] loop
        begin
            execute format('create role %I nologin', v_role);
        exception when duplicate_object or unique_violation then
            null;  -- roles belong to the cluster: another database's set-up made it, perhaps just now
        end;
    end loop;
end
$$;

-- Logins that hold no right of their own: they switch to a role, or may execute the functions granted to them.
alter role authenticator login noinherit;
alter role sidecar login noinherit;
alter role job_runner login noinherit;
alter role migrator login noinherit;

grant anon, app_user, app_doctor, app_admin to authenticator;
grant app_user, app_doctor, app_admin to sidecar;
grant app_owner to migrator;
-- For make psql AS=… (docs/decisions/0007-a-persons-rights-by-sql.md); without INHERIT no policy takes migrator, or
-- app_owner, for one of these.
grant app_user, app_doctor, app_admin to migrator;

-- Everything a migration makes belongs to app_owner, and a person who logs in as migrator works as it.
alter role migrator set role = 'app_owner';

-- PostgREST applies these to each request of the role. lock_timeout stays below statement_timeout, so that a queue
-- for a slot is told from a slow statement.
alter role anon set statement_timeout = '2s';
alter role app_user set statement_timeout = '5s';
alter role app_doctor set statement_timeout = '5s';
alter role app_admin set statement_timeout = '15s';
alter role anon set lock_timeout = '1s';
alter role app_user set lock_timeout = '3s';
alter role app_doctor set lock_timeout = '3s';
alter role app_admin set lock_timeout = '3s';

-- The sidecar's own statements (it repeats the caller's limits with SET LOCAL when it acts for one).
alter role sidecar set statement_timeout = '10s';
alter role sidecar set lock_timeout = '3s';
alter role sidecar set idle_in_transaction_session_timeout = '30s';
alter role authenticator set idle_in_transaction_session_timeout = '30s';
alter role job_runner set statement_timeout = '5min';
alter role job_runner set lock_timeout = '3s';

-- Where a migration and a request wait for each other, the migration finds out first, and is repeated. Only a superuser
-- may say so; without it the server's own second holds.
do $$
begin
    alter role migrator set deadlock_timeout = '100ms';
exception when insufficient_privilege then
    raise notice 'deadlock_timeout of migrator is not set: a request may be the victim of a migration';
end
$$;

-- Compiling a query (JIT, where the server was built with it) takes a hundred times as long as running one of ours. The
-- setting of the login lasts through its changes of role.
alter role authenticator set jit = off;
alter role sidecar set jit = off;
alter role job_runner set jit = off;
alter role migrator set jit = off;

-- Plans are cached for as long as a connection lives, also those that were made while a table had three rows: our
-- statements are served by an index at any size (docs/decisions/0004-plans-of-a-young-database.md). What reads much, such
-- as an export, switches enable_seqscan on for its transaction.
alter role authenticator set random_page_cost = 1.1;
alter role sidecar set random_page_cost = 1.1;
alter role job_runner set random_page_cost = 1.1;
alter role authenticator set enable_seqscan = off;
alter role sidecar set enable_seqscan = off;
alter role job_runner set enable_seqscan = off;
alter role authenticator set enable_mergejoin = off;  -- it reads an index whole, for its order
alter role sidecar set enable_mergejoin = off;
alter role job_runner set enable_mergejoin = off;
