create or replace function app.prune_sessions(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    with dead as (
        delete from app.sessions s
        where s.id = any (array(
            select d.id from app.sessions d
            where d.expires_at < (select clock_timestamp() - interval '1 day')
               or d.revoked_at < (select clock_timestamp() - interval '1 day')
            limit max_rows
            for update skip locked))
        returning s.id
    )
    select count(*) from dead
$$;

comment on function app.prune_sessions(integer) is 'Job: forgets sessions that ended more than a day ago.';
