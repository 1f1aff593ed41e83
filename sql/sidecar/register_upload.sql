create or replace function sidecar.register_upload(
    consultation_id uuid,
    upload_key text,
    kept_key text,
    purpose text,
    duration_sec numeric,
    width integer,
    height integer
)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_open_consultation(consultation_id);
    v_upload app.uploads;
    v_id uuid;
begin
    perform app.lock_uploads(array[upload_key]);
    select u.* into v_upload from app.uploads u where u.object_key = upload_key;
    if v_upload.kept_key is distinct from register_upload.kept_key then
        perform app.fail('CONFLICT', 'Another request checks this upload.');
    end if;
    v_upload.purpose := app.require_purpose(coalesce(register_upload.purpose, v_upload.purpose::text), v_upload.category);
    perform app.require_media_room(v_consultation.id, v_upload.category, v_upload.purpose);
    insert into app.media as m (consultation_id, owner_user_id, category, purpose, object_key, mime_type, size_bytes,
        duration_sec, width, height)
    values (v_consultation.id, v_consultation.user_id, v_upload.category, v_upload.purpose, v_upload.kept_key,
        v_upload.mime_type, v_upload.size_bytes, register_upload.duration_sec, register_upload.width,
        register_upload.height)
    returning m.id into v_id;
    perform app.close_upload(v_upload.id, 'REGISTERED');
    return v_id;
end
$$;

comment on function sidecar.register_upload(uuid, text, text, text, numeric, integer, integer) is
    'Makes the copy under kept_key a file of the consultation: the upload was checked, and this is what was measured
(seconds, pixels). NOT_FOUND, INVALID_STATE, CONFLICT, VALIDATION_FAILED.';
grant execute on function sidecar.register_upload(uuid, text, text, text, numeric, integer, integer) to sidecar;
