-- Asked first, so that nothing is hashed for anybody but an admin.
create or replace function sidecar.managed_mobile(user_id uuid, mobile text)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_mobile text;
begin
    perform app.require_admin();
    if mobile is not null or user_id is null then
        return app.normalize_mobile(mobile);
    end if;
    select u.mobile into v_mobile from app.users u where u.id = managed_mobile.user_id;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such person.');
    end if;
    return v_mobile;
end
$$;

comment on function sidecar.managed_mobile(uuid, text) is
    'The canonical mobile that a person is given by the signed-in admin, or has already; null when it is none. FORBIDDEN,
NOT_FOUND.';
grant execute on function sidecar.managed_mobile(uuid, text) to sidecar;
