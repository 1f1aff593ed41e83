-- doctors hear of their calls
-- depends: 0015_read_no_history_for_what_is_due

-- from sql/app/appointments/tg_appointments__tell_doctor.sql
-- A doctor learns of a call that is theirs now, is at another time, or is theirs no more, whoever sees to that.
create or replace function app.tg_appointments__tell_doctor()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_call jsonb := jsonb_build_object(
        'consultation_id', new.consultation_id, 'appointment_id', new.id, 'start_at', new.start_at);
begin
    perform app.notify_user(d.user_id, t.type, t.payload)
    from (values
        (old.doctor_id, 'APPOINTMENT_CANCELED'::app.notification_type,
            v_call || jsonb_build_object('start_at', old.start_at),
            old.doctor_id is distinct from new.doctor_id or new.status = 'CANCELED'),
        (new.doctor_id, 'APPOINTMENT_CONFIRMED', v_call, old.doctor_id is distinct from new.doctor_id),
        (new.doctor_id, 'APPOINTMENT_MOVED', v_call || jsonb_build_object('previous_start_at', old.start_at),
            old.doctor_id = new.doctor_id and old.slot_id <> new.slot_id)
    ) t (doctor_id, type, payload, applies)
    join app.doctors d on d.id = t.doctor_id
    where t.applies;
    return null;
end
$$;

comment on function app.tg_appointments__tell_doctor() is
    'Tells the doctors concerned that a call was given to them, was moved, or was canceled or taken from them.';
-- end of sql/app/appointments/tg_appointments__tell_doctor.sql

-- alter for sql/app/appointments/appointments.sql bcb8efdcc09d
create trigger appointments_600_tell_doctor after update on app.appointments
    for each row when (
        (old.doctor_id is not null or new.doctor_id is not null)
        and (old.doctor_id, old.slot_id, old.status = 'CANCELED')
            is distinct from (new.doctor_id, new.slot_id, new.status = 'CANCELED'))
    execute function app.tg_appointments__tell_doctor();

-- An argument more, which those who are still running do not give.
-- squawk-ignore ban-drop-function
drop function sidecar.finish_refund(uuid, uuid, app.refund_status, text, integer);

-- from sql/sidecar/finish_refund.sql
create or replace function sidecar.finish_refund(
    payment_id uuid,
    lease_token uuid,
    status app.refund_status,
    reference text,
    gateway_code integer,
    is_doubtful boolean default true
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

comment on function sidecar.finish_refund(uuid, uuid, app.refund_status, text, integer, boolean) is
    'Records that the money went back (REVERSED, TRANSFERRED with its reference), or that it is still DUE, and why; not
doubtful: the gateway was never asked to reverse it. What the gateway reversed is the truth, whoever brings it.';
grant execute on function sidecar.finish_refund(uuid, uuid, app.refund_status, text, integer, boolean) to sidecar;
-- end of sql/sidecar/finish_refund.sql
