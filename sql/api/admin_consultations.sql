create or replace view api.admin_consultations with (security_invoker = true) as
select
    c.id, c.user_id, c.pet_id, c.type, c.status, c.base_price_toman, c.currency, c.message_text, c.voice_media_id,
    c.created_at, c.updated_at, c.expires_at, app.consultation_version(c.id) as version,
    (
        select jsonb_build_object('id', u.id, 'name', u.name, 'mobile', u.mobile)
        from app.users u where u.id = c.user_id
    ) as owner,
    (
        select jsonb_build_object(
            'id', p.id, 'type', p.type, 'name', p.name, 'breed', p.breed, 'gender', p.gender, 'neutered', p.neutered,
            'birth_date', p.birth_date, 'created_at', p.created_at)
        from app.pets p where p.id = c.pet_id
    ) as pet,
    c.appointment, c.media, c.payment
from api.consultations c;

grant select on api.admin_consultations to app_admin;

comment on view api.admin_consultations is E'Consultations, for admins\n\nEach with its owner, its pet (deleted or not), the
appointment that is not canceled, the files, and the verified or else the latest payment. version counts the changes of
the consultation and its appointments: rpc/edit_consultation takes it. Filtered by rpc/search_consultations.';
