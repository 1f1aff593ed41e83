-- check the end of tokens by the database's clock
-- depends: 0018_watch_over_files_and_their_deletion

-- from sql/app/identity/check_request.sql
-- PostgREST's db-pre-request, and the sidecar's first statement for a caller. It runs before every request, READ ONLY
-- on GET: two look-ups by primary key and nothing else. PostgREST itself accepts tokens without exp or aud, those that ran
-- out half a minute ago, and knows nothing of sessions; a token with sub but without a role would run as anon with
-- claims. Whose clock counts is ours alone: the tokens' times come from here as well. A slow or refused statement in
-- the server's log is found by the request's id. Its plans are kept
-- whatever the arguments: PostgreSQL made one of them anew for every request.
create or replace function app.check_request()
returns void
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
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
    if not coalesce(v_claims ?& array['sub', 'role', 'sid', 'aud', 'iat', 'exp', 'jti'], false)
       or not v_claims -> 'exp' > to_jsonb(extract(epoch from clock_timestamp()))
       or not exists (
           select from app.live_sessions l
           where l.id = (v_claims ->> 'sid')::uuid
             and l.user_id = (v_claims ->> 'sub')::uuid
             and l.role = v_claims ->> 'role'
       )
    then
        perform app.fail('UNAUTHENTICATED', 'This session has ended. Sign in again.');
    end if;
end
$$;

comment on function app.check_request() is
    'Refuses the request with UNAUTHENTICATED unless it is anonymous, or its token is complete and in time and its session
lives; sets the clinic''s time zone,
and the request''s id as application_name, which the server''s log and pg_stat_activity show.';
grant execute on function app.check_request() to anon, app_user, app_doctor, app_admin, sidecar;
-- end of sql/app/identity/check_request.sql
