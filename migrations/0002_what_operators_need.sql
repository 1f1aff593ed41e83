-- what operators need
-- depends: 0001_the_first_version

-- from sql/app/identity/check_request.sql
-- PostgREST's db-pre-request, and the sidecar's first statement for a caller. It runs before every request, READ ONLY
-- on GET: two look-ups by primary key and nothing else. PostgREST itself accepts tokens without exp or aud, and knows
-- nothing of sessions; a token with sub but without a role would run as anon with claims. A slow or refused statement in
-- the server's log is found by the request's id.
create or replace function app.check_request()
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_claims jsonb := app.claims();
begin
    perform set_config('timezone', c.tz, true),
            set_config('application_name', coalesce(app.request_header('x-request-id'), ''), true)
    from app.system_config c;
    if v_claims ->> 'sub' is null and coalesce(v_claims ->> 'role', 'anon') = 'anon' then
        return;
    end if;
    if not coalesce(v_claims ?& array['sub', 'role', 'sid', 'exp', 'aud'], false) or not exists (
        select from app.live_sessions l
        where l.id = (v_claims ->> 'sid')::uuid
          and l.user_id = (v_claims ->> 'sub')::uuid
          and l.role = v_claims ->> 'role'
    ) then
        perform app.fail('UNAUTHENTICATED', 'This session has ended. Sign in again.');
    end if;
end
$$;

comment on function app.check_request() is
    'Refuses the request with UNAUTHENTICATED unless it is anonymous or its session lives; sets the clinic''s time zone,
and the request''s id as application_name, which the server''s log and pg_stat_activity show.';
grant execute on function app.check_request() to anon, app_user, app_doctor, app_admin, sidecar;
-- end of sql/app/identity/check_request.sql

-- alter for sql/app/jobs/jobs.sql 7af062c6e783
insert into app.jobs (name, schedule, function_name) values
    ('invariants:check', '17 * * * *', 'app.check_invariants');

-- from sql/app/invariants/invariant_checks.sql
-- What the hourly look for violated guarantees found: app.invariants() reads all tables, so that a monitor that asks
-- every few seconds gets the figure from here.
create table app.invariant_checks (
    is_the_only_row boolean not null default true,
    violations bigint not null,
    checked_at timestamptz not null default clock_timestamp(),
    constraint invariant_checks_pkey primary key (is_the_only_row),
    constraint invariant_checks_one_row_check check (is_the_only_row)
);

alter table app.invariant_checks enable row level security;
alter table app.invariant_checks force row level security;
create policy invariant_checks_all_owner on app.invariant_checks to app_owner using (true) with check (true);

comment on table app.invariant_checks is 'When the guarantees were last checked, and how often they were violated; one row.';
-- end of sql/app/invariants/invariant_checks.sql

-- from sql/app/invariants/check_invariants.sql
-- It reads whole tables: db/roles.sql keeps the job runner from that, for all other work.
create or replace function app.check_invariants()
returns bigint
language plpgsql
set search_path = ''
set enable_seqscan = on
set enable_mergejoin = on
as $$
begin
    insert into app.invariant_checks as c (violations)
    select count(*) from app.invariants()
    on conflict on constraint invariant_checks_pkey do update
        set violations = excluded.violations, checked_at = excluded.checked_at;
    return 0;
end
$$;

comment on function app.check_invariants() is
    'Job: counts the violated guarantees for the monitor. Always gives 0: one batch is all there is.';
-- end of sql/app/invariants/check_invariants.sql

-- from sql/app/doctors/slots_over_capacity.sql
-- Confirmed seats only, and of the future: what is held may never be paid, and what is past is past.
create or replace function app.slots_over_capacity()
returns setof uuid
language sql
stable
set search_path = ''
as $$
    select s.slot_id
    from (
        select a.slot_id, a.start_at, a.end_at, count(*) as confirmed
        from app.appointments a
        where a.status = 'CONFIRMED' and a.status <> 'CANCELED' and a.start_at > clock_timestamp()
        group by a.slot_id, a.start_at, a.end_at
    ) s
    where s.confirmed > (select count(*) from app.available_doctors(s.start_at, s.end_at))
$$;

comment on function app.slots_over_capacity() is 'Slots to come with more confirmed appointments than doctors.';
-- end of sql/app/doctors/slots_over_capacity.sql

-- from sql/app/jobs/job_health.sql
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
-- end of sql/app/jobs/job_health.sql

-- from sql/sidecar/gauges.sql
-- What a monitor wants to know of the whole system, in one statement that reads only what is open: each line is served
-- by a partial index, or by a table of a few rows.
create or replace function sidecar.gauges()
returns table (metric text, label text, value double precision)
language sql
stable
security definer
set search_path = ''
as $$
    select 'sms_queued', '', count(*) from app.sms_messages where status = 'QUEUED'
    union all
    select 'sms_overdue_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(next_attempt_at)), 0)
    from app.sms_messages where status = 'QUEUED' and next_attempt_at <= clock_timestamp()
    union all
    select 'sms_outage', '', count(*) from app.sms_outages where ended_at is null
    union all
    select 'payments_open', s.status::text, count(p.id)
    from unnest(array['INITIATED', 'PENDING']::app.payment_status[]) s (status)
    left join app.payments p on p.status = s.status and p.status in ('INITIATED', 'PENDING')
    group by s.status
    union all
    select 'payments_open_oldest_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)
    from app.payments where status in ('INITIATED', 'PENDING')
    union all
    select 'refunds_due', '', count(*) from app.refunds where status = 'DUE'
    union all
    select 'refunds_due_oldest_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)
    from app.refunds where status = 'DUE'
    union all
    select 'holds', k.state, count(*) filter (where (a.hold_expires_at > clock_timestamp()) = (k.state = 'live'))
    from (values ('live'), ('expired')) k (state)
    left join app.appointments a on a.status = 'HELD'
    group by k.state
    union all
    select 'slots_over_capacity', '', count(*) from app.slots_over_capacity()
    union all
    select 'job_last_success_timestamp_seconds', j.job_name, extract(epoch from j.succeeded_at)
    from app.job_health() j where j.succeeded_at is not null
    union all
    select 'job_failing', j.job_name, j.is_failing::integer from app.job_health() j
    union all
    select 'invariant_violations', '', violations from app.invariant_checks
    union all
    select 'invariants_checked_timestamp_seconds', '', extract(epoch from checked_at) from app.invariant_checks
    union all
    select 'database_connections', '', sum(numbackends) from pg_catalog.pg_stat_database
    union all
    select 'database_max_connections', '', current_setting('max_connections')::integer
$$;

comment on function sidecar.gauges() is
    'The state of the system for a monitor: a metric, its label (empty for none), its value. Ages are in seconds.';
grant execute on function sidecar.gauges() to sidecar;
-- end of sql/sidecar/gauges.sql

-- from sql/sidecar/last_migration.sql
-- yoyo's own tables are not part of sql/, and a database that was built from sql/ has none.
create or replace function sidecar.last_migration()
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_id text;
begin
    if to_regclass('yoyo._yoyo_migration') is not null then
        execute 'select max(migration_id) from yoyo._yoyo_migration' into v_id;
    end if;
    return v_id;
end
$$;

comment on function sidecar.last_migration() is
    'The id of the newest migration that was applied here; null in a database that no migration has built.';
grant execute on function sidecar.last_migration() to sidecar;
-- end of sql/sidecar/last_migration.sql
