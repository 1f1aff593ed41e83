create or replace function app.tg_media__place()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    new.place := (
        select min(n) from generate_series(1, 10) n
        where not exists (
            select from app.media m where m.consultation_id = new.consultation_id and m.place = n));
    new.document_place := case when new.purpose = 'MEDICAL_DOC' then coalesce((
        select min(n) from generate_series(1, 5) n
        where not exists (
            select from app.media m where m.consultation_id = new.consultation_id and m.document_place = n)), 0) end;
    return new;
end
$$;

comment on function app.tg_media__place() is
    'Gives the file the first free places; the constraints refuse one for which there is none (null and 0).';
