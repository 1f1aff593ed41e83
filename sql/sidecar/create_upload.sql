-- The tickets themselves are what is counted: granted ones are committed, and a refused one leaves nothing to count. The
-- person's lock puts their own requests in a row, whichever sidecar they come through.
create or replace function sidecar.create_upload(
    category text,
    ext text,
    size bigint,
    purpose text,
    out upload_key text,
    out mime_type text,
    out expires_at timestamptz,
    out retry_after integer
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_rule app.upload_rules;
    v_recent timestamptz[];
    v_minute_ago timestamptz;
begin
    perform app.require_owner();
    perform from app.users u where u.id = app.current_user_id() for no key update;
    v_minute_ago := clock_timestamp() - interval '1 minute';
    v_recent := array(
        select u.created_at from app.uploads u
        where u.owner_user_id = app.current_user_id() and u.created_at > v_minute_ago
        order by u.created_at);
    if cardinality(v_recent) >= 20 then
        retry_after := ceil(extract(epoch from v_recent[1] - v_minute_ago));
        return;
    end if;
    v_rule := app.require_upload_rule(category, ext, size, purpose);
    insert into app.uploads as u (owner_user_id, category, extension, mime_type, size_bytes, purpose)
    values (app.current_user_id(), v_rule.category, v_rule.extension, v_rule.mime_type, size,
            create_upload.purpose::app.media_purpose)
    returning u.object_key, u.mime_type, u.expires_at into upload_key, mime_type, expires_at;
end
$$;

comment on function sidecar.create_upload(text, text, bigint, text) is
    'A ticket for a file of size bytes, for the signed-in owner, twenty a minute at most: then retry_after (seconds) and
no ticket. FORBIDDEN, VALIDATION_FAILED.';
grant execute on function sidecar.create_upload(text, text, bigint, text) to sidecar;
