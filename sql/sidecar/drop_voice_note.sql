create or replace function sidecar.drop_voice_note(consultation_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
begin
    delete from app.media m where m.consultation_id = v_consultation.id and m.purpose = 'VOICE_NOTE';
end
$$;

comment on function sidecar.drop_voice_note(uuid) is
    'Makes room for the new voice note of the signed-in owner''s consultation. NOT_FOUND.';
grant execute on function sidecar.drop_voice_note(uuid) to sidecar;
