create or replace function app.create_payment(
    consultation app.consultations,
    hold app.appointments,
    provider app.payment_provider
)
returns app.payments
language plpgsql
set search_path = ''
as $$
declare
    v_payment app.payments;
begin
    -- Once per hold: a second attempt on the same seat finds the first one.
    update app.appointments a
    set hold_expires_at = greatest(
        a.hold_expires_at, clock_timestamp() + make_interval(mins => c.payment_window_minutes))
    from app.system_config c
    where a.id = hold.id and not exists (select from app.payments p where p.appointment_id = a.id);
    insert into app.payments as p (consultation_id, appointment_id, user_id, provider, amount_toman, expires_at)
    select consultation.id, a.id, consultation.user_id, provider, consultation.base_price_toman, a.hold_expires_at
    from app.appointments a
    where a.id = hold.id
    returning p.* into v_payment;
    return v_payment;
end
$$;

comment on function app.create_payment(app.consultations, app.appointments, app.payment_provider) is
    'A new attempt for the live hold, which is extended to the payment window once.';
