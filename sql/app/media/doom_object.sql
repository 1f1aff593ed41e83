create or replace function app.doom_object(
    object_key text, reason app.deletion_reason, not_before timestamptz default clock_timestamp()
)
returns void
language sql
set search_path = ''
as $$
    insert into app.object_deletions (object_key, reason, next_attempt_at)
    values (doom_object.object_key, doom_object.reason, doom_object.not_before)
    on conflict on constraint object_deletions_pkey do nothing
$$;

comment on function app.doom_object(text, app.deletion_reason, timestamptz) is
    'Has the object deleted once this transaction is committed, and not before the moment given.';
