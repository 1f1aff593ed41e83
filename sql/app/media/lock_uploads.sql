create or replace function app.lock_uploads(upload_keys text[])
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_owned integer;
begin
    perform from app.uploads u
    where u.object_key = any (upload_keys) and u.owner_user_id = app.current_user_id()
    order by u.object_key
    for no key update;
    get diagnostics v_owned = row_count;
    if v_owned < cardinality(upload_keys) then
        perform app.fail('NOT_FOUND', 'There is no such upload, or it is named twice.');
    end if;
    if exists (select from app.uploads u where u.object_key = any (upload_keys) and u.used_at is not null) then
        perform app.fail('CONFLICT', 'An upload can be used once, and this one was.');
    end if;
end
$$;

comment on function app.lock_uploads(text[]) is
    'Locks the caller''s tickets, which nobody has used yet. NOT_FOUND, CONFLICT.';
