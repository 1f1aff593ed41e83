create or replace function sidecar.abandon_registration(kept_keys text[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform from app.uploads u where u.kept_key = any (kept_keys) order by u.object_key for no key update;
    perform app.doom_object(u.kept_key, 'ABANDONED', clock_timestamp() + interval '1 minute')
    from app.uploads u
    where u.kept_key = any (kept_keys);
    update app.uploads u set kept_key = null, checked_until = null where u.kept_key = any (kept_keys);
end
$$;

comment on function sidecar.abandon_registration(text[]) is
    'Gives the leases back, because nothing came of it: the tickets work again at once, and copies are deleted.';
grant execute on function sidecar.abandon_registration(text[]) to sidecar;
