create or replace function app.tg_media__record()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if tg_op = 'INSERT' then
        perform app.audit('MEDIA_ADDED', 'media', new.id, jsonb_build_object(
            'consultation_id', new.consultation_id, 'category', new.category, 'purpose', new.purpose));
    else
        perform app.audit('MEDIA_DELETED', 'media', old.id, jsonb_build_object('consultation_id', old.consultation_id));
        perform app.doom_object(old.object_key, 'MEDIA_DELETED');
    end if;
    return null;
end
$$;

comment on function app.tg_media__record() is
    'Logs that a file came or went; the object of one that went is deleted after it, whoever deleted the row.';
