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
