create or replace function sidecar.due_refunds(max_rows integer)
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
    select r.payment_id
    from app.refunds r
    join app.payments p on p.id = r.payment_id
    where r.status = 'DUE'
      and r.gateway_code is null
      and r.amount_toman = p.amount_toman
      and p.paid_at > clock_timestamp() - interval '30 minutes'
      and coalesce(r.settle_until, '-infinity') <= clock_timestamp()
    order by r.created_at
    limit max_rows
$$;

comment on function sidecar.due_refunds(integer) is
    'Payments whose refund is due, that the gateway can still reverse, and has not refused to.';
grant execute on function sidecar.due_refunds(integer) to sidecar;
