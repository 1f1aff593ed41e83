create or replace view api.doctor_appointments with (security_invoker = true) as
select
    a.id, a.start_at, a.end_at, a.status, a.outcome, a.version, a.created_at, a.updated_at,
    (
        select jsonb_build_object('name', u.name, 'mobile', u.mobile)
        from app.users u where u.id = c.user_id
    ) as owner,
    (
        select jsonb_build_object(
            'id', p.id, 'type', p.type, 'name', p.name, 'breed', p.breed, 'gender', p.gender, 'neutered', p.neutered,
            'birth_date', p.birth_date, 'created_at', p.created_at)
        from app.pets p where p.id = c.pet_id
    ) as pet,
    case when c.id is not null then jsonb_build_object(
        'id', c.id, 'type', c.type, 'status', c.status, 'message_text', c.message_text,
        'voice_media_id', c.voice_media_id) end as consultation,
    c.media
from app.appointments a
left join api.consultations c on c.id = a.consultation_id and a.status <> 'CANCELED';

grant select on api.doctor_appointments to app_doctor;

comment on view api.doctor_appointments is E'Appointments, for doctors\n\nThe doctor''s own, each with the owner to call, the
pet (deleted or not), the problem as the owner described it, and the files. Of a canceled one only the times are shown, the
rest is null. Filtered by rpc/search_doctor_appointments, ended by rpc/complete_appointment.';
