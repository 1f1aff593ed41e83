create or replace function app.give_to_doctor(seat app.appointments, doctor_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_slot app.slots;
begin
    perform app.require_doctor(doctor_id);
    if seat.status is distinct from 'CONFIRMED' then
        perform app.fail('INVALID_STATE', 'Only a confirmed appointment has a doctor.',
                         case when seat.id is not null then jsonb_build_object('status', seat.status) end);
    elsif seat.doctor_id = give_to_doctor.doctor_id then
        return;
    end if;
    v_slot := app.find_slot(seat.start_at, seat.end_at);  -- slots come before doctors in the lock order
    perform app.lock_doctors();
    if not app.is_doctor_free(doctor_id, v_slot) then
        perform app.fail('CONFLICT', 'The doctor has another call then, or is away.',
                         '{"fields": {"doctor_id": "is not free then"}}');
    end if;
    perform app.set_doctor(seat.id, doctor_id, '{"policy": "ADMIN"}');
end
$$;

comment on function app.give_to_doctor(app.appointments, uuid) is
    'Gives a confirmed appointment to the doctor whom an admin names. NOT_FOUND, INVALID_STATE, CONFLICT.';
