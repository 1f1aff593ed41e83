-- Locks the consultation first, like everything that changes it or its appointments and payments; then slots by start,
-- then doctors. One transaction: of several changes all happen, or none.
create or replace function api.edit_consultation(
    consultation_id uuid,
    status app.consultation_status default null,
    doctor_id uuid default null,
    start_at timestamptz default null,
    outcome app.appointment_outcome default null,
    version integer default null
)
returns api.admin_consultation_details
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations;
    v_seat app.appointments;
    v_result api.admin_consultation_details;
begin
    perform app.require_admin();
    perform app.require_edit(status, doctor_id, start_at, outcome);
    v_consultation := app.lock_consultation(consultation_id);
    perform app.require_version(app.consultation_version(consultation_id), version);
    perform app.release_lapsed_holds(array[(app.live_appointment(consultation_id)).id]);  -- if it has lapsed
    v_consultation := app.lock_consultation(consultation_id);
    v_seat := app.live_appointment(consultation_id);
    if start_at is not null then
        perform app.reschedule(v_consultation, v_seat, start_at, doctor_id is not null);
    end if;
    if doctor_id is not null then
        perform app.give_to_doctor(app.live_appointment(consultation_id), doctor_id);
    end if;
    if v_seat.start_at <> edit_consultation.start_at then
        perform app.report_moved_appointment(v_seat.id, v_seat.start_at);
    end if;
    perform app.edit_status(consultation_id, status, outcome);
    select d.* into strict v_result from api.admin_consultation_details d where d.id = consultation_id;
    return v_result;
end
$$;

comment on function api.edit_consultation(
    uuid, app.consultation_status, uuid, timestamptz, app.appointment_outcome, integer) is
E'Change a consultation\n\nAny of these at once, all or nothing. start_at moves the appointment, under the rules of
rpc/hold_slot, or takes a seat: HELD for an unpaid consultation, CONFIRMED (so SCHEDULED) for a paid one; it keeps the doctor
who is free then, and tells the owner. doctor_id gives a confirmed appointment to a doctor. status COMPLETED, after the
start, ends it with its outcome (TOOK_PLACE unless given, or NO_SHOW), which can be corrected later; CANCELED frees the seat,
makes a refund due for what was paid, and tells the owner; SCHEDULED asserts that it is, or is by start_at. version is what
the caller has seen, null for any. Gives the consultation whole. PRECONDITION_FAILED (details: the version), NOT_FOUND,
INVALID_STATE, PAYMENT_IN_PROGRESS, SLOT_FULL, SLOT_NOT_OFFERED, CONFLICT (the doctor is not free), VALIDATION_FAILED,
FORBIDDEN. For admins.';
grant execute on function api.edit_consultation(
    uuid, app.consultation_status, uuid, timestamptz, app.appointment_outcome, integer) to app_admin;
