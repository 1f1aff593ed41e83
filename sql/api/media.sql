create or replace view api.media with (security_invoker = true) as
select
    m.id, m.consultation_id, m.owner_user_id, m.category, m.purpose, m.mime_type, m.size_bytes, m.duration_sec,
    m.width, m.height, m.created_at
from app.media m;

grant select on api.media to app_user, app_doctor, app_admin;

comment on view api.media is E'Files of consultations\n\nWhat is known of them; the bytes are reached by a signed link.';
