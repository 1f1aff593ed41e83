create or replace function app.prune_uploads(max_rows integer default 1000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_ids uuid[];
begin
    v_ids := array(
        select u.id from app.uploads u
        where u.created_at < (select clock_timestamp() - interval '1 day')
          and (u.checked_until is null or u.checked_until < (select clock_timestamp()))
        limit max_rows
        for update skip locked);
    perform app.close_upload(u.id, 'UNUSED') from app.uploads u where u.id = any (v_ids) and u.used_at is null;
    delete from app.uploads u where u.id = any (v_ids);
    return cardinality(v_ids);
end
$$;

comment on function app.prune_uploads(integer) is
    'Job: forgets tickets that are a day old, and has what was uploaded and never registered deleted.';
