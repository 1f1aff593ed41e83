-- A claim is a lease: it moves next_attempt_at past its end, so that what a dead worker took comes back by itself.
create or replace function sidecar.claim_sms(worker text, max_rows integer, lease interval)
returns table (id uuid, number bigint, recipient text, body text, attempts integer)
language sql
security definer
set search_path = ''
as $$
    update app.sms_messages m
    set claimed_by = worker, attempts = m.attempts + 1, next_attempt_at = clock_timestamp() + lease
    where m.id = any (array(
        select q.id from app.sms_messages q
        where q.status = 'QUEUED' and q.next_attempt_at <= clock_timestamp()
        order by q.next_attempt_at
        limit max_rows
        for update skip locked))
    returning m.id, m.number, m.recipient, m.body, m.attempts
$$;

comment on function sidecar.claim_sms(text, integer, interval) is 'Takes up to max_rows messages that are due, for the lease.';
grant execute on function sidecar.claim_sms(text, integer, interval) to sidecar;
