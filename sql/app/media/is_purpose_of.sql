create or replace function app.is_purpose_of(purpose app.media_purpose, category app.media_category)
returns boolean
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case purpose
        when 'VOICE_NOTE' then category = 'AUDIO'
        when 'PET_VIDEO' then category = 'VIDEO'
        when 'MEDICAL_DOC' then category in ('DOCUMENT', 'IMAGE')
        else true
    end
$$;

comment on function app.is_purpose_of(app.media_purpose, app.media_category) is
    'Whether a file of this category can serve the purpose; OTHER takes them all.';
