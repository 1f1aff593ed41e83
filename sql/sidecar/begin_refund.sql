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
