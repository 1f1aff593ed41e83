-- ask where the money is before it is transferred by hand
-- depends: 0028_open_each_weekday_once

-- from sql/sidecar/begin_refund.sql
-- First of the two transactions of a refund, like begin_settlement: the lease keeps two from giving the money back at
-- once. The gateway reverses whole payments, for half an hour after they were made (Zarinpal's reverse). Whoever asks it
-- to again forgets why it refused before: should this answer get lost, it is not known whether the money went back.
create or replace function sidecar.begin_refund(
    payment_id uuid,
    lease interval,
    is_by_hand boolean,
    out action text,
    out provider app.payment_provider,
    out authority text,
    out is_reversible boolean,
    out is_doubtful boolean,
    out lease_token uuid
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments := app.lock_payment(payment_id);
    v_refund app.refunds;
    v_is_reversal boolean;
begin
    select r.* into v_refund from app.refunds r where r.payment_id = v_payment.id;
    action := case
        when v_refund.id is null then 'none'
        when v_refund.status <> 'DUE' then 'done'
        when v_refund.settle_until > clock_timestamp() then 'busy'
        else 'ask'
    end;
    provider := v_payment.provider;
    authority := v_payment.authority;
    is_reversible := v_refund.amount_toman = v_payment.amount_toman
        and v_payment.paid_at > clock_timestamp() - interval '30 minutes';
    is_doubtful := v_refund.asked_at is not null and v_refund.gateway_code is null;
    v_is_reversal := is_reversible and not is_by_hand;
    if action = 'ask' then
        lease_token := app.new_id();
        update app.refunds r
        set settle_token = lease_token,
            settle_until = clock_timestamp() + lease,
            asked_at = case when v_is_reversal then clock_timestamp() else r.asked_at end,
            gateway_code = case when not v_is_reversal then r.gateway_code end
        where r.id = v_refund.id;
    end if;
end
$$;

comment on function sidecar.begin_refund(uuid, interval, boolean) is
    'Takes the lease on the payment''s refund. action: ask, done, busy (somebody else is at it) or none (nothing is due).
Doubtful: a reversal was asked for, and its answer never came.';
grant execute on function sidecar.begin_refund(uuid, interval, boolean) to sidecar;
-- end of sql/sidecar/begin_refund.sql

-- An argument more, which those who are still running do not give.
-- squawk-ignore ban-drop-function
drop function sidecar.finish_refund(uuid, uuid, app.refund_status, text, integer, boolean);

-- from sql/sidecar/finish_refund.sql
create or replace function sidecar.finish_refund(
    payment_id uuid,
    lease_token uuid,
    status app.refund_status,
    reference text,
    gateway_code integer,
    is_doubtful boolean default true,
    amount_toman bigint default null
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments := app.lock_payment(payment_id);
begin
    update app.refunds r
    set status = finish_refund.status,
        -- The gateway reverses all, and a transfer was of what it was, whatever an admin has asked for meanwhile.
        amount_toman = case finish_refund.status
            when 'REVERSED' then r.payment_amount_toman
            when 'TRANSFERRED' then coalesce(finish_refund.amount_toman, r.amount_toman)
            else r.amount_toman end,
        reference = finish_refund.reference,
        gateway_code = coalesce(finish_refund.gateway_code, r.gateway_code),
        asked_at = case when is_doubtful then r.asked_at end,
        settle_until = null
    where r.payment_id = v_payment.id and r.status = 'DUE'
      and (r.settle_token = lease_token or finish_refund.status = 'REVERSED');
    if found and finish_refund.status <> 'DUE' then
        perform app.notify_user(v_payment.user_id, 'REFUNDED', jsonb_build_object(
            'consultation_id', v_payment.consultation_id, 'payment_id', v_payment.id, 'how', finish_refund.status,
            'amount_toman', (select r.amount_toman from app.refunds r where r.payment_id = v_payment.id)));
    end if;
end
$$;

comment on function sidecar.finish_refund(uuid, uuid, app.refund_status, text, integer, boolean, bigint) is
    'Records that the money went back (REVERSED, TRANSFERRED with its reference, and its amount if that was said), or that
it is still DUE, and why; not doubtful: the gateway has not reversed it. What the gateway reversed is the truth, whoever
brings it.';
grant execute on function sidecar.finish_refund(uuid, uuid, app.refund_status, text, integer, boolean, bigint) to sidecar;
-- end of sql/sidecar/finish_refund.sql

-- from sql/sidecar/due_refunds.sql
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
-- end of sql/sidecar/due_refunds.sql
