-- owners are told of refunds, and pay for live seats alone
-- depends: 0012_show_only_the_page_of_a_search_for_people

-- alter for sql/app/payments/refunds.sql 0cf4bb64a9bd
create trigger refunds_200_keep before delete or truncate on app.refunds
    for each statement execute function app.tg__keep();

-- from sql/app/appointments/require_live_hold.sql
create or replace function app.require_live_hold(consultation app.consultations)
returns app.appointments
language plpgsql
set search_path = ''
as $$
declare
    v_hold app.appointments := app.live_appointment(consultation.id);
begin
    if v_hold.id is null or v_hold.hold_expires_at <= clock_timestamp() then
        perform app.fail('INVALID_STATE', 'The hold has run out. Choose a slot again.',
                         jsonb_build_object('status', consultation.status));
    end if;
    return v_hold;
end
$$;

comment on function app.require_live_hold(app.consultations) is
    'The seat that the locked consultation holds, which must not have run out. INVALID_STATE.';
-- end of sql/app/appointments/require_live_hold.sql

-- What is dropped here is called by functions alone, and these are replaced.
-- squawk-ignore ban-drop-function
drop function app.create_payment(app.consultations, app.payment_provider);

-- from sql/app/payments/create_payment.sql
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
-- end of sql/app/payments/create_payment.sql

-- from sql/app/payments/close_unpaid.sql
-- Who goes to the bank and walks away has let a hold run out like anybody else: it counts for the cool-down.
create or replace function app.close_unpaid(payment app.payments, is_genuine boolean)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update app.payments p
    set status = case when is_genuine then 'FAILED' else 'EXPIRED' end::app.payment_status
    where p.id = payment.id;
    perform app.cancel_hold(
        payment.consultation_id, case when is_genuine then 'PAYMENT_FAILED' else 'EXPIRED' end::app.cancel_reason);
    update app.consultations c set status = 'DETAILS_SUBMITTED'
    where c.id = payment.consultation_id and c.status in ('SLOT_HELD', 'PAYMENT_INITIATED');
end
$$;

comment on function app.close_unpaid(app.payments, boolean) is
    'Nobody paid: FAILED after a genuine callback, else EXPIRED; the seat is free and the owner may choose again.';
-- end of sql/app/payments/close_unpaid.sql

-- from sql/app/payments/settle_paid.sql
-- The money is proved. It ends in exactly one of: a confirmed seat, a consultation that waits for one (PAID), a refund.
create or replace function app.settle_paid(payment app.payments)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_consultation app.consultations;
    v_seat app.appointments;
    v_payload jsonb;
begin
    select c.* into strict v_consultation from app.consultations c where c.id = payment.consultation_id;
    if v_consultation.deleted_at is not null
       or v_consultation.status not in ('DETAILS_SUBMITTED', 'SLOT_HELD', 'PAYMENT_INITIATED') then
        perform app.refund_unusable(payment, v_consultation);
        return;
    end if;
    v_payload := jsonb_build_object(
        'consultation_id', v_consultation.id, 'payment_id', payment.id, 'amount_toman', payment.amount_toman);
    perform app.cancel_open_payment(v_consultation.id);
    update app.consultations c set status = 'PAID' where c.id = v_consultation.id;
    perform app.notify_admins('NEW_CONSULTATION', v_payload);
    perform app.notify_user(v_consultation.user_id, 'PAYMENT_SUCCESS', v_payload);
    v_seat := app.live_appointment(v_consultation.id);
    if v_seat.end_at <= clock_timestamp() then  -- nobody can call then any more
        perform app.cancel_hold(v_consultation.id, 'EXPIRED');
        v_seat.id := null;
    end if;
    v_seat.id := coalesce(
        v_seat.id, app.retake_seat(payment, v_consultation, interval '1 minute'));  -- it is confirmed at once
    if v_seat.id is not null then
        update app.payments p set appointment_id = v_seat.id where p.id = payment.id;
        perform app.confirm_appointment(v_seat.id);
    else
        perform app.report_lost_slot(payment);
    end if;
end
$$;

comment on function app.settle_paid(app.payments) is
    'Puts a payment that was just VERIFIED to its use: a seat, a new choice of slot, or a refund.';
-- end of sql/app/payments/settle_paid.sql

-- from sql/app/payments/cancel_by_clinic.sql
-- A seat that was paid for and lost is what the owner is told of when there is no other.
create or replace function app.cancel_by_clinic(consultation app.consultations, seat app.appointments)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_seat_id uuid := coalesce(seat.id, (
        select p.appointment_id from app.payments p
        where p.consultation_id = consultation.id and p.status = 'VERIFIED'
        order by p.paid_at desc limit 1));
begin
    perform app.require_status(
        consultation, 'DRAFT', 'DETAILS_SUBMITTED', 'SLOT_HELD', 'PAYMENT_INITIATED', 'PAID', 'SCHEDULED');
    perform app.cancel_open_payment(consultation.id);
    update app.appointments a set status = 'CANCELED', cancel_reason = 'CONSULTATION_CLOSED' where a.id = seat.id;
    update app.consultations c set status = 'CANCELED' where c.id = consultation.id;
    insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
    select p.id, p.amount_toman, p.amount_toman, 'ADMIN_CANCELED'
    from app.payments p
    where p.consultation_id = consultation.id and p.status = 'VERIFIED'
    on conflict on constraint refunds_payment_id_key do nothing;
    if v_seat_id is not null then
        perform app.report_canceled_appointment(v_seat_id);
    end if;
end
$$;

comment on function app.cancel_by_clinic(app.consultations, app.appointments) is
    'Cancels the locked consultation for an admin: its seat is free, a refund is due for what was paid, the owner is told.
INVALID_STATE.';
-- end of sql/app/payments/cancel_by_clinic.sql

-- from sql/sidecar/begin_payment.sql
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
-- end of sql/sidecar/begin_payment.sql

-- from sql/sidecar/request_refund.sql
-- Giving money back that is in use ends what it pays for, in the same transaction: nobody keeps a seat without paying,
-- and the owner is told.
create or replace function sidecar.request_refund(payment_id uuid, amount_toman bigint default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments;
    v_consultation app.consultations;
begin
    perform app.require_admin();
    v_payment := app.lock_payment(payment_id);
    perform app.fail_validation(jsonb_build_object('amount_toman', case
        when amount_toman not between 1 and v_payment.amount_toman
        then format('should be from 1 to %s', v_payment.amount_toman) end));
    if v_payment.status <> 'VERIFIED' then
        perform app.fail('INVALID_STATE', 'Only a verified payment can be refunded.',
                         jsonb_build_object('status', v_payment.status));
    end if;
    update app.refunds r set amount_toman = request_refund.amount_toman
    where r.payment_id = v_payment.id and r.status = 'DUE' and r.amount_toman <> request_refund.amount_toman;
    if exists (select from app.refunds r where r.payment_id = v_payment.id) then
        return;
    end if;
    select c.* into strict v_consultation from app.consultations c where c.id = v_payment.consultation_id;
    insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
    values (
        v_payment.id, v_payment.amount_toman, coalesce(request_refund.amount_toman, v_payment.amount_toman),
        case v_consultation.status when 'COMPLETED' then 'GOODWILL' else 'ADMIN_CANCELED' end::app.refund_reason);
    if v_consultation.status in ('PAID', 'SCHEDULED') then
        perform app.cancel_by_clinic(v_consultation, app.live_appointment(v_consultation.id));
    end if;
end
$$;

comment on function sidecar.request_refund(uuid, bigint) is
    'Makes a refund due for the signed-in admin, of the whole payment unless an amount is given, and cancels the
consultation that it pays for. FORBIDDEN, NOT_FOUND, VALIDATION_FAILED, INVALID_STATE.';
grant execute on function sidecar.request_refund(uuid, bigint) to sidecar;
-- end of sql/sidecar/request_refund.sql

-- from sql/sidecar/finish_refund.sql
create or replace function sidecar.finish_refund(
    payment_id uuid,
    lease_token uuid,
    status app.refund_status,
    reference text,
    gateway_code integer
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
        -- The gateway reverses all, whatever part of it an admin has asked for meanwhile.
        amount_toman = case finish_refund.status
            when 'REVERSED' then r.payment_amount_toman else r.amount_toman end,
        reference = finish_refund.reference,
        gateway_code = coalesce(finish_refund.gateway_code, r.gateway_code),
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

comment on function sidecar.finish_refund(uuid, uuid, app.refund_status, text, integer) is
    'Records that the money went back (REVERSED, TRANSFERRED with its reference), or that it is still DUE, and why. What
the gateway reversed is the truth, whoever brings it.';
grant execute on function sidecar.finish_refund(uuid, uuid, app.refund_status, text, integer) to sidecar;
-- end of sql/sidecar/finish_refund.sql

-- drop for sql/app/payments/cancel_paid_consultation.sql
-- squawk-ignore ban-drop-function
drop function app.cancel_paid_consultation(uuid);
