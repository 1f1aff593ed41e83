-- Definer, because the policies for doctors gather a doctor's whole history, and would do so for each row that is shown:
-- here it is one look by key, on the same terms. Its plan is kept, whatever a search that calls it says of its own.
create or replace function app.call_of_doctor(appointment_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
    select jsonb_build_object(
        'owner', jsonb_build_object('name', u.name, 'mobile', u.mobile),
        'pet', jsonb_build_object(
            'id', p.id, 'type', p.type, 'name', p.name, 'breed', p.breed, 'gender', p.gender, 'neutered', p.neutered,
            'birth_date', p.birth_date, 'created_at', p.created_at),
        'consultation', jsonb_build_object(
            'id', c.id, 'type', c.type, 'status', c.status, 'message_text', c.message_text,
            'voice_media_id', c.voice_media_id),
        'media', c.media)
    from app.appointments a
    join api.consultations c on c.id = a.consultation_id
    join app.users u on u.id = c.user_id
    join app.pets p on p.id = c.pet_id
    where a.id = call_of_doctor.appointment_id and a.doctor_id = app.current_doctor_id() and a.status <> 'CANCELED'
$$;

comment on function app.call_of_doctor(uuid) is
    'Whom the signed-in doctor calls and why: owner, pet, consultation, media; null when the call is not theirs, or is
canceled.';
grant execute on function app.call_of_doctor(uuid) to app_doctor;
