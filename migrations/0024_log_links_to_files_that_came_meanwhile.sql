-- log links to files that came meanwhile
-- depends: 0023_open_no_session_of_a_closed_account

-- alter for sql/app/audit/appointment_transitions.sql 7e46dd54938a
comment on table app.appointment_transitions is 'The allowed changes of an appointment''s status, enforced by app.tg__transition.';

-- from sql/app/audit/refuse_transition.sql
create or replace function app.refuse_transition(entity text, from_status text, to_status text)
returns text
language plpgsql
set search_path = ''
as $$
begin
    perform app.fail('INVALID_STATE',
        format('The %s is %s, and cannot become %s.', entity, coalesce(from_status, 'new'), to_status),
        jsonb_build_object('entity', entity, 'from', from_status, 'to', to_status));
end
$$;

comment on function app.refuse_transition(text, text, text) is
    'INVALID_STATE; stands where the name of an allowed change would.';
-- end of sql/app/audit/refuse_transition.sql

-- from sql/sidecar/consultation_objects.sql
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
-- end of sql/sidecar/consultation_objects.sql
