-- First of the two transactions of a registration: the bytes are checked between them, with nothing locked. The lease
-- keeps a second request from checking the same upload; the key it copies to is made for this try alone, so that a try
-- that was given up for dead can't write over the next one's copy.
create or replace function sidecar.begin_registration(consultation_id uuid, upload_keys text[], lease interval)
returns table (upload_key text, kept_key text, mime_type text, size_bytes bigint)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_open_consultation(consultation_id);
begin
    perform app.lock_uploads(upload_keys);
    if exists (
        select from app.uploads u where u.object_key = any (upload_keys) and u.checked_until > clock_timestamp()
    ) then
        perform app.fail('CONFLICT', 'This upload is being checked right now.');
    end if;
    perform app.doom_object(u.kept_key, 'ABANDONED')
    from app.uploads u
    where u.object_key = any (upload_keys) and u.kept_key is not null;
    return query
        update app.uploads u
        set kept_key = app.new_object_key('media'), checked_until = clock_timestamp() + lease
        where u.object_key = any (upload_keys)
        returning u.object_key, u.kept_key, u.mime_type, u.size_bytes;
end
$$;

comment on function sidecar.begin_registration(uuid, text[], interval) is
    'Takes the right to check these uploads of the signed-in owner, for the time of the lease: what each must be, and
where to copy it to. NOT_FOUND, INVALID_STATE, CONFLICT.';
grant execute on function sidecar.begin_registration(uuid, text[], interval) to sidecar;
