-- First of the two transactions of a settlement. The lease keeps two settlers from asking at once, and ends by itself
-- when one dies. Only VERIFIED is final: whatever was closed is asked again. A payer who came back keeps the seat while
-- the gateway is asked; see docs/decisions/0005.
create or replace function sidecar.begin_settlement(
    payment_id uuid,
    lease interval,
    is_genuine boolean default false,
    out action text,
    out provider app.payment_provider,
    out authority text,
    out amount_toman bigint,
    out amount_rials bigint,
    out lease_token uuid
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments := app.lock_payment(payment_id);
begin
    action := case
        when v_payment.status = 'VERIFIED' then 'settled'
        when v_payment.authority is null then 'unasked'
        when v_payment.settle_until > clock_timestamp() then 'busy'
        else 'ask'
    end;
    provider := v_payment.provider;
    authority := v_payment.authority;
    amount_toman := v_payment.amount_toman;
    amount_rials := v_payment.amount_rials;
    if action = 'ask' then
        lease_token := app.new_id();
        update app.payments p
        set settle_token = lease_token,
            settle_until = clock_timestamp() + lease,
            settle_attempts = p.settle_attempts + 1
        where p.id = payment_id;
        if is_genuine then
            perform app.keep_seat(v_payment, lease);
        end if;
    end if;
end
$$;

comment on function sidecar.begin_settlement(uuid, interval, boolean) is
    'Takes the lease on an attempt. action: ask, settled, busy (somebody else is asking) or unasked (no gateway knows it).';
grant execute on function sidecar.begin_settlement(uuid, interval, boolean) to sidecar;
