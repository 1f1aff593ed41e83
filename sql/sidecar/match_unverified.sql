create or replace function sidecar.match_unverified(provider app.payment_provider, authorities text[])
returns setof uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_authority text;
begin
    for v_authority in
        insert into app.unknown_authorities as u (provider, authority)
        select match_unverified.provider, l.authority
        from (select distinct a as authority from unnest(authorities) as a) l
        where not exists (
            select from app.payments p where p.provider = match_unverified.provider and p.authority = l.authority)
        on conflict on constraint unknown_authorities_pkey do nothing
        returning u.authority
    loop
        perform app.notify_admins('UNKNOWN_AUTHORITY', jsonb_build_object(
            'provider', match_unverified.provider, 'authority', v_authority));
    end loop;
    return query
    select p.id from app.payments p
    where p.provider = match_unverified.provider and p.authority = any (authorities) and p.status <> 'VERIFIED';
end
$$;

comment on function sidecar.match_unverified(app.payment_provider, text[]) is
    'Our attempts among those that a gateway lists as paid and unverified; shows admins, once, what is not ours.';
grant execute on function sidecar.match_unverified(app.payment_provider, text[]) to sidecar;
