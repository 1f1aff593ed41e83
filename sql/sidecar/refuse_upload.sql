-- As the system: the session may have ended meanwhile, and a bad file must not be tried again for that.
create or replace function sidecar.refuse_upload(upload_key text, kept_key text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id uuid;
begin
    select u.id into v_id
    from app.uploads u
    where u.object_key = upload_key and u.kept_key = refuse_upload.kept_key
    for no key update;
    if found then
        perform app.close_upload(v_id, 'REFUSED');
        perform app.audit('UPLOAD_REFUSED', 'upload', v_id);
    end if;
    return found;
end
$$;

comment on function sidecar.refuse_upload(text, text) is
    'The file is not what its ticket says: the ticket is spent, and the object goes. False when another request has it.';
grant execute on function sidecar.refuse_upload(text, text) to sidecar;
