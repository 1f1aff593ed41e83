create or replace function app.prune_sign_in_attempts(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    with old as (
        delete from app.sign_in_attempts s
        where (s.mobile, s.ip) in (
            select d.mobile, d.ip from app.sign_in_attempts d
            where d.updated_at < (select clock_timestamp() - interval '1 hour')
            limit max_rows
            for update skip locked)
        returning s.mobile
    )
    select count(*) from old
$$;

comment on function app.prune_sign_in_attempts(integer) is 'Job: forgets sign-in attempts older than an hour.';
