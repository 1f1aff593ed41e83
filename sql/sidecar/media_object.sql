-- Whether the person may see the file was decided by row-level security, in a transaction with their own rights.
create or replace function sidecar.media_object(media_id uuid)
returns table (object_key text, mime_type text, extension text)
language plpgsql
security definer
set search_path = ''
as $$
begin
    return query
        select m.object_key, m.mime_type, r.extension
        from app.media m
        join app.upload_rules r on r.category = m.category and r.mime_type = m.mime_type
        where m.id = media_id;
    if found then
        perform app.audit('MEDIA_DOWNLOADED', 'media', media_id);
    end if;
end
$$;

comment on function sidecar.media_object(uuid) is
    'Where the file lies and what it is, for a link that the signed-in person is about to get; logged. No row: it is gone.';
grant execute on function sidecar.media_object(uuid) to sidecar;
