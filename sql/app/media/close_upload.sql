-- The client's signed URL may outlive the ticket: what was uploaded is deleted once nobody can write it again.
create or replace function app.close_upload(upload_id uuid, reason app.deletion_reason)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_upload app.uploads;
begin
    select u.* into v_upload from app.uploads u where u.id = upload_id;
    perform app.doom_object(v_upload.object_key, reason, v_upload.expires_at + interval '1 minute');
    if v_upload.kept_key is not null and reason <> 'REGISTERED' then
        -- Until the lease ends, the copy may still be on its way.
        perform app.doom_object(v_upload.kept_key, 'ABANDONED', v_upload.checked_until);
    end if;
    update app.uploads u set used_at = clock_timestamp(), kept_key = null, checked_until = null where u.id = v_upload.id;
end
$$;

comment on function app.close_upload(uuid, app.deletion_reason) is
    'The locked ticket has worked: its object is deleted, and so is the copy unless it was registered.';
