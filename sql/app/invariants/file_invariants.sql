create or replace function app.file_invariants()
returns table (rule text, entity text, id uuid, explanation text)
language sql
stable
set search_path = ''
as $$
    select 'FILES', 'media', m.id, 'its object is queued for deletion'
    from app.media m
    join app.object_deletions d on d.object_key = m.object_key
    union all
    select 'FILES', 'media', m.id, 'a client can still write its object, or a check does'
    from app.media m
    where exists (select from app.uploads u where u.object_key = m.object_key)
       or exists (select from app.uploads u where u.kept_key = m.object_key)
    union all
    select 'FILES', 'upload', u.id, 'used, and still being checked'
    from app.uploads u
    where u.used_at is not null and u.kept_key is not null
    union all
    select 'FILES', 'consultation', c.id, 'expired or deleted, and has files'
    from app.consultations c
    where (c.deleted_at is not null or c.status = 'EXPIRED')
      and exists (select from app.media m where m.consultation_id = c.id)
    union all
    select 'FILES', 'consultation', c.id, 'its voice note is none'
    from app.consultations c
    join app.media m on m.id = c.voice_media_id
    where m.purpose <> 'VOICE_NOTE' or m.consultation_id <> c.id
    union all
    select 'FILES', 'consultation', m.consultation_id, 'more files of a kind than it may have'
    from app.media m
    group by m.consultation_id
    having count(*) > 10
        or count(*) filter (where m.purpose = 'MEDICAL_DOC') > 5
        or count(*) filter (where m.purpose = 'VOICE_NOTE') > 1
        or count(*) filter (where m.category = 'VIDEO') > 1
$$;

comment on function app.file_invariants() is
    'FILES: each file has an object that stays and that nobody writes, and there are no more than there may be.';
