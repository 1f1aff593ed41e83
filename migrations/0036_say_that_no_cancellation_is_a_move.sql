-- say that no cancellation is a move
-- depends: 0035_lock_the_doctors_before_a_doctor_is_closed_out

-- alter for sql/foundation/enums.sql 1a8235b78487
comment on type app.cancel_reason is
    'Why a seat was given up. MOVED is not written: a change of slot, by the owner or an admin, moves the same appointment,
and what was canceled stays so when the owner takes another seat.';
