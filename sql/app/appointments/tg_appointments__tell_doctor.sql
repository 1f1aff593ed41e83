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
