-- Those that somebody works on are passed over, and must not use up the batch. The commit is not waited for: should the
-- server fail in that moment, the holds have expired as before, and are released at the next turn.
create or replace function app.release_expired_holds(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    select set_config('synchronous_commit', 'off', true);
    with lapsed as (
        select a.id, a.consultation_id
        from app.appointments a
        join app.consultations c on c.id = a.consultation_id
        where a.status = 'HELD' and a.hold_expires_at <= (select clock_timestamp())
        order by a.hold_expires_at
        limit max_rows
        for no key update of c, a skip locked
    )
    select app.end_holds(array_agg(l.id), array_agg(l.consultation_id)) from lapsed l
$$;

comment on function app.release_expired_holds(integer) is 'Job: gives up holds that ran out, a batch at a time.';
