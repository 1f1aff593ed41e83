-- A claim is a lease: it moves next_attempt_at past its end, so that what a dead worker took comes back by itself. A
-- due message that still has a claimant was lost by a dead one, who may have sent it. ANY, not a join: planned while the
-- table was empty, a join would read all of it later.
create or replace function app.take_sms(worker text, max_rows integer, lease interval)
returns table (id uuid, number bigint, recipient text, body text, attempts integer, is_taken_over boolean)
language sql
set search_path = ''
as $$
    with due as (
        select q.id, q.claimed_by
        from app.sms_messages q
        where q.status = 'QUEUED' and q.next_attempt_at <= (select clock_timestamp())
        order by q.next_attempt_at
        limit max_rows
        for update skip locked
    )
    update app.sms_messages m
    set claimed_by = worker, attempts = m.attempts + 1, next_attempt_at = clock_timestamp() + lease
    where m.id = any (array(select d.id from due d))
    returning m.id, m.number, m.recipient, m.body, m.attempts,
        (select d.claimed_by is not null from due d where d.id = m.id)
$$;

comment on function app.take_sms(text, integer, interval) is 'Takes up to max_rows messages that are due, for the lease.';
