create or replace function app.release_expired_holds(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    select app.release_lapsed_holds(array(
        select a.id from app.appointments a
        where a.status = 'HELD' and a.hold_expires_at <= clock_timestamp()
        order by a.hold_expires_at
        limit max_rows))
$$;

comment on function app.release_expired_holds(integer) is 'Job: gives up holds that ran out, a batch at a time.';
