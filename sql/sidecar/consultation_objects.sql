-- A link is the file, for a quarter of an hour and for whoever has it: so that it was given is logged, once for all the
-- files, and not again for the same ones while these last. An admin who leaves the page open does not fill the log.
create or replace function sidecar.consultation_objects(consultation_id uuid)
returns table (media_id uuid, object_key text, mime_type text, extension text)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_media_ids uuid[] := array(
        select m.id from app.media m where m.consultation_id = consultation_objects.consultation_id order by m.id);
begin
    perform app.require_admin();
    return query
        select m.id, m.object_key, m.mime_type, r.extension
        from app.media m
        join app.upload_rules r on r.category = m.category and r.mime_type = m.mime_type
        where m.id = any (v_media_ids);
    if found and not exists (
        select from app.audit_log l
        where l.entity_id = consultation_objects.consultation_id and l.action = 'MEDIA_LINKS_GIVEN'
          and l.actor_user_id = app.current_user_id() and l.created_at > clock_timestamp() - interval '15 minutes'
          and l.meta -> 'media_ids' @> to_jsonb(v_media_ids)
    ) then
        perform app.audit('MEDIA_LINKS_GIVEN', 'consultation', consultation_objects.consultation_id,
                          jsonb_build_object('media_ids', v_media_ids));
    end if;
end
$$;

comment on function sidecar.consultation_objects(uuid) is
    'Where the files of a consultation lie and what they are, for links that the signed-in admin is about to get; logged.
FORBIDDEN.';
grant execute on function sidecar.consultation_objects(uuid) to sidecar;
