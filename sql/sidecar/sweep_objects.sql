create or replace function sidecar.sweep_objects(object_keys text[])
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_found integer;
begin
    insert into app.object_deletions (object_key, reason)
    select k, 'SWEPT'
    from unnest(object_keys) k
    where not exists (select from app.uploads u where u.object_key = k)
      and not exists (select from app.uploads u where u.kept_key = k)
      and not exists (select from app.media m where m.object_key = k)
    on conflict on constraint object_deletions_pkey do nothing;
    get diagnostics v_found = row_count;
    return v_found;
end
$$;

comment on function sidecar.sweep_objects(text[]) is
    'Has those of these old objects deleted of which no ticket and no file speaks; gives their number.';
grant execute on function sidecar.sweep_objects(text[]) to sidecar;
