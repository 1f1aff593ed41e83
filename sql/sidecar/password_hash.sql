create or replace function sidecar.password_hash(user_id uuid)
returns text
language sql
stable
security definer
set search_path = ''
as $$
    select c.password_hash from app.credentials c where c.user_id = password_hash.user_id
$$;

comment on function sidecar.password_hash(uuid) is 'The hash to check the old password against, before it is changed.';
grant execute on function sidecar.password_hash(uuid) to sidecar;
