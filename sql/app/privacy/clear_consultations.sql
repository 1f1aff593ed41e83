-- What was said and shown goes; that there was a consultation stays, with its payments and its audit trail. The objects
-- of the files go the way of every deleted file.
create or replace function app.clear_consultations(ids uuid[])
returns void
language sql
set search_path = ''
as $$
    update app.consultations c set message_text = null, voice_media_id = null where c.id = any (ids);
    delete from app.media m where m.consultation_id = any (ids);
$$;

comment on function app.clear_consultations(uuid[]) is 'Deletes the texts and files of these consultations.';
