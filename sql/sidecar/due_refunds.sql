-- Also what is in doubt, when the window is over as well: where the money is decides whether an admin may transfer it.
-- Whose turn was longest ago comes first.
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
      and (r.asked_at is not null
           or r.amount_toman = p.amount_toman and p.paid_at > clock_timestamp() - interval '30 minutes')
      and coalesce(r.settle_until, '-infinity') <= clock_timestamp()
    order by r.updated_at
    limit max_rows
$$;

comment on function sidecar.due_refunds(integer) is
    'Payments whose refund is due, that the gateway can still reverse, and has not refused to; and those of which nobody
knows whether it has.';
grant execute on function sidecar.due_refunds(integer) to sidecar;
