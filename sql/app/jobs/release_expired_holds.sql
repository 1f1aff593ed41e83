-- The consultation is locked here already: those that somebody works on must not use up the batch.
create or replace function app.release_expired_holds(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    select app.release_lapsed_holds(array(
        select a.id
        from app.appointments a
        join app.consultations c on c.id = a.consultation_id
        where a.status = 'HELD' and a.hold_expires_at <= clock_timestamp()
        order by a.hold_expires_at
        limit max_rows
        for no key update of c skip locked))
$$;

comment on function app.release_expired_holds(integer) is 'Job: gives up holds that ran out, a batch at a time.';
