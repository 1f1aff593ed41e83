-- A payer who came back must not lose the seat to somebody else while the gateway is asked: a hold that runs out sooner
-- lasts until the lease ends, a seat that was lost is held again for as long. Only for an open attempt, and once: a
-- callback can be replayed, and must not keep a seat for nothing.
create or replace function app.keep_seat(payment app.payments, lease interval)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_until timestamptz := clock_timestamp() + lease;
    v_seat app.appointments := app.live_appointment(payment.consultation_id);
    v_consultation app.consultations;
begin
    if payment.status <> 'PENDING' or payment.seat_kept_at is not null or v_seat.hold_expires_at >= v_until then
        return;
    end if;
    if v_seat.id is not null then
        update app.appointments a set hold_expires_at = v_until where a.id = v_seat.id;
    else
        select c.* into strict v_consultation from app.consultations c where c.id = payment.consultation_id;
        v_seat.id := app.retake_seat(payment, v_consultation, lease);
        -- It was let go when the seat was lost before the gateway had given an authority.
        update app.consultations c set status = 'SLOT_HELD'
        where c.id = payment.consultation_id and c.status = 'DETAILS_SUBMITTED' and v_seat.id is not null;
    end if;
    update app.payments p
    set seat_kept_at = clock_timestamp(), appointment_id = v_seat.id
    where p.id = payment.id and v_seat.id is not null;
end
$$;

comment on function app.keep_seat(app.payments, interval) is
    'Keeps the seat of an open attempt, or takes it back when it is free, while the gateway is asked; once an attempt.';
