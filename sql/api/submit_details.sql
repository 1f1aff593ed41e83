create or replace function api.submit_details(
    consultation_id uuid,
    message_text text default null,
    voice_media_id uuid default null
)
returns api.consultations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
    v_text text := app.said(message_text);
begin
    perform app.require_status(v_consultation, 'DRAFT', 'DETAILS_SUBMITTED', 'SLOT_HELD');
    perform app.fail_validation(jsonb_build_object(
        'message_text', case
            when app.content_length(v_text) < 20 or length(v_text) > 5000 then 'Write 20 to 5000 characters.'
            when v_text is null and voice_media_id is null then 'Write a text or record a voice note.' end,
        'voice_media_id', case when voice_media_id is not null and not exists (
                select from app.media m
                where m.id = submit_details.voice_media_id and m.consultation_id = v_consultation.id
                  and m.purpose = 'VOICE_NOTE')
            then 'Not a voice note of this consultation.' end));
    update app.consultations c
    set message_text = v_text,
        voice_media_id = submit_details.voice_media_id,
        status = case c.status when 'DRAFT' then 'DETAILS_SUBMITTED' else c.status end
    where c.id = v_consultation.id;
    return app.show_consultation(v_consultation.id);
end
$$;

comment on function api.submit_details(uuid, text, uuid) is
E'Describe the problem\n\nA text of 20 to 5000 characters, or a voice note that is registered already, or both. Gives the
consultation, DETAILS_SUBMITTED if it was a DRAFT. NOT_FOUND, INVALID_STATE, VALIDATION_FAILED. For owners.';
grant execute on function api.submit_details(uuid, text, uuid) to app_user, sidecar;
