create or replace function app.tg_consultations__drop_media()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    delete from app.media m where m.consultation_id = new.id;
    return null;
end
$$;

comment on function app.tg_consultations__drop_media() is
    'Nobody will read the files of a consultation that expired or was deleted.';
