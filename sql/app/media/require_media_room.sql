-- For a clear answer: that there are never more is what the constraints of app.media see to.
create or replace function app.require_media_room(
    consultation_id uuid, category app.media_category, purpose app.media_purpose
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_limit integer;
begin
    select case
        when count(*) >= 10 then 10
        when require_media_room.purpose = 'MEDICAL_DOC' and count(*) filter (where m.purpose = 'MEDICAL_DOC') >= 5 then 5
        when require_media_room.purpose = 'VOICE_NOTE' and bool_or(m.purpose = 'VOICE_NOTE') then 1
        when require_media_room.category = 'VIDEO' and bool_or(m.category = 'VIDEO') then 1
    end into v_limit
    from app.media m
    where m.consultation_id = require_media_room.consultation_id;
    if v_limit is not null then
        perform app.fail('CONFLICT', 'The consultation has as many files of this kind as it may have.',
                         jsonb_build_object('fields', jsonb_build_object('purpose', format('%s at most.', v_limit))));
    end if;
end
$$;

comment on function app.require_media_room(uuid, app.media_category, app.media_purpose) is
    'CONFLICT when the locked consultation can''t have one more such file.';
