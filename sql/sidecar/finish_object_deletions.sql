create or replace function sidecar.finish_object_deletions(object_keys text[])
returns void
language sql
security definer
set search_path = ''
as $$
    delete from app.object_deletions d where d.object_key = any (object_keys)
$$;

comment on function sidecar.finish_object_deletions(text[]) is 'These objects are gone.';
grant execute on function sidecar.finish_object_deletions(text[]) to sidecar;
