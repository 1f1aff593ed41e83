-- Never the object of a file that is there, whatever was written down: that one check is worth its price.
-- ANY, not a join: planned while the table was empty, a join would read all of it later.
create or replace function sidecar.claim_object_deletions(max_rows integer)
returns setof text
language sql
security definer
set search_path = ''
as $$
    with due as (
        select d.object_key
        from app.object_deletions d
        where d.next_attempt_at <= (select clock_timestamp())
          and not exists (select from app.media m where m.object_key = d.object_key)
        order by d.next_attempt_at
        limit max_rows
        for update skip locked
    )
    update app.object_deletions d
    set attempts = d.attempts + 1,
        next_attempt_at = clock_timestamp() + interval '1 minute' * 2 ^ least(d.attempts, 6)
    where d.object_key = any (array(select due.object_key from due))
    returning d.object_key
$$;

comment on function sidecar.claim_object_deletions(integer) is
    'Takes up to max_rows deletions that are due. Those that are not finished come back by themselves: after a minute at
first, after an hour when the store refuses for long.';
grant execute on function sidecar.claim_object_deletions(integer) to sidecar;
