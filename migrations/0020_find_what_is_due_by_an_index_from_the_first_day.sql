-- find what is due by an index from the first day
-- depends: 0019_check_the_end_of_tokens_by_the_database_s_clock

-- from sql/sidecar/claim_object_deletions.sql
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
-- end of sql/sidecar/claim_object_deletions.sql

-- from sql/app/sms/take_sms.sql
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
-- end of sql/app/sms/take_sms.sql

-- from sql/sidecar/follow_notifications.sql
-- One question for all the streams of a process. A transaction that had not committed at the last reading (next_since
-- is the oldest such) is read again: nothing is missed, and the reader drops what it has. What is older than an hour
-- has been read; the bound is for a restored database, whose old rows carry another cluster's transactions. The role is
-- compared as text, and OFFSET 0 hides the order that is wanted, so that no other index than that of transaction_id
-- seems to serve: it would be read whole.
create or replace function sidecar.follow_notifications(since xid8, session_ids uuid[], user_ids uuid[], roles text[])
returns table (next_since xid8, news jsonb, dead_sessions uuid[])
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform set_config('timezone', c.tz, true) from app.system_config c;
    return query
    select pg_snapshot_xmin(pg_current_snapshot()), n.news, d.sessions
    from (
        select coalesce(jsonb_agg(jsonb_build_object(
            'target_role', n.target_role, 'user_id', n.user_id, 'transaction_id', n.transaction_id,
            'notification', jsonb_build_object(
                'id', n.id, 'type', n.type, 'payload', n.payload, 'is_read', n.is_read, 'created_at', n.created_at)
        ) order by n.created_at, n.id), '[]') as news
        from (
            select * from app.notifications w
            where w.transaction_id >= since
              and w.created_at > clock_timestamp() - interval '1 hour'
              and (w.user_id = any (user_ids) or (w.target_role::text = 'ADMIN' and 'app_admin' = any (roles)))
            offset 0
        ) n
    ) n, (
        select coalesce(array_agg(s.id), '{}') as sessions
        from unnest(session_ids, user_ids, roles) s (id, user_id, role)
        where not exists (
            select from app.live_sessions l where (l.id, l.user_id, l.role) = (s.id, s.user_id, s.role))
    ) d;
end
$$;

comment on function sidecar.follow_notifications(xid8, uuid[], uuid[], text[]) is
    'What was written since (nothing when that is null) to the people who listen, and whose sessions have ended.';
grant execute on function sidecar.follow_notifications(xid8, uuid[], uuid[], text[]) to sidecar;
-- end of sql/sidecar/follow_notifications.sql
