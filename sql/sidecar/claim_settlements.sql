-- A claim is a lease, as for SMS: it moves next_inquiry_at past its end, so that any number of sidecars share the work
-- and what a dead one took comes back by itself.
create or replace function sidecar.claim_settlements(max_rows integer, lease interval)
returns setof uuid
language sql
security definer
set search_path = ''
as $$
    update app.payments p
    set next_inquiry_at = clock_timestamp() + lease
    where p.id = any (array(
        select d.id from app.payments d
        where d.next_inquiry_at <= (select clock_timestamp())
        order by d.next_inquiry_at
        limit max_rows
        for no key update skip locked))
    returning p.id
$$;

comment on function sidecar.claim_settlements(integer, interval) is
    'Takes up to max_rows attempts that it is time to ask the gateway about, for the lease.';
grant execute on function sidecar.claim_settlements(integer, interval) to sidecar;
