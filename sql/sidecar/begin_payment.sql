-- The sidecar acts for the signed-in owner here: it has set their claims and checked their session. Nobody is sent to
-- pay, not even with the attempt that is open, for a seat that has run out.
create or replace function sidecar.begin_payment(
    consultation_id uuid,
    provider app.payment_provider,
    out payment_id uuid,
    out nonce text,
    out status app.payment_status,
    out authority text,
    out amount_toman bigint,
    out amount_rials bigint,
    out mobile text,
    out is_new boolean
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
    v_hold app.appointments;
    v_payment app.payments;
begin
    perform app.require_status(v_consultation, 'SLOT_HELD', 'PAYMENT_INITIATED');
    v_hold := app.require_live_hold(v_consultation);
    v_payment := app.open_payment(v_consultation.id);
    is_new := v_payment.id is null;
    if is_new then
        v_payment := app.create_payment(v_consultation, v_hold, provider);
    end if;
    payment_id := v_payment.id;
    nonce := v_payment.nonce;
    status := v_payment.status;
    authority := v_payment.authority;
    amount_toman := v_payment.amount_toman;
    amount_rials := v_payment.amount_rials;
    select u.mobile into mobile from app.users u where u.id = v_consultation.user_id;
end
$$;

comment on function sidecar.begin_payment(uuid, app.payment_provider) is
    'The open attempt to pay for the live hold, or a new one (INITIATED). Not new and without an authority: another
request is asking the gateway right now. NOT_FOUND, INVALID_STATE.';
grant execute on function sidecar.begin_payment(uuid, app.payment_provider) to sidecar;
