-- appointment, payment and media are columns and not only embeddable: what a function returns must show what it has
-- just done, and an embedding would be read with the snapshot from before it.
create or replace view api.consultations with (security_invoker = true) as
select
    c.id, c.user_id, c.pet_id, c.type, c.status, c.base_price_toman, c.currency, c.message_text, c.voice_media_id,
    c.created_at, c.updated_at, c.expires_at, c.version,
    (
        select jsonb_build_object(
            'id', a.id, 'start_at', a.start_at, 'end_at', a.end_at, 'status', a.status,
            'hold_expires_at', a.hold_expires_at, 'outcome', a.outcome,
            'doctor', case when d.id is not null
                then jsonb_build_object('id', d.id, 'display_name', d.display_name) end)
        from app.appointments a
        left join app.doctors d on d.id = a.doctor_id
        where a.consultation_id = c.id and a.status <> 'CANCELED'
        order by a.created_at desc
        limit 1
    ) as appointment,
    (
        select coalesce(jsonb_agg(jsonb_build_object(
            'id', m.id, 'category', m.category, 'purpose', m.purpose, 'mime_type', m.mime_type,
            'size_bytes', m.size_bytes, 'duration_sec', m.duration_sec, 'width', m.width, 'height', m.height,
            'created_at', m.created_at) order by m.id), '[]')
        from app.media m
        where m.consultation_id = c.id
    ) as media,
    (
        select jsonb_build_object(
            'id', p.id, 'status', p.status, 'amount_toman', p.amount_toman, 'ref_id', p.ref_id)
        from app.payments p
        where p.consultation_id = c.id
        order by p.status = 'VERIFIED' desc, p.created_at desc
        limit 1
    ) as payment
from app.consultations c
where c.deleted_at is null;

grant select on api.consultations to app_user, app_doctor, app_admin;

comment on view api.consultations is E'Consultations\n\nOwners see their own, doctors those in which they have the appointment, admins
all. appointment is the one that is not
canceled, payment the verified or else the latest attempt; both are null when there is none. Written by
rpc/create_consultation, rpc/submit_details, rpc/hold_slot and their kin.';
