-- Nothing is given up while money may be on its way, and nothing that a gateway ever knew of is hidden. Whether there
-- was an attempt to pay is looked up in a later statement than the lock.
create or replace function app.expire_consultations(max_rows integer default 1000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_ids uuid[];
    v_expired bigint;
begin
    v_ids := array(
        select c.id from app.consultations c
        where c.expires_at <= (select clock_timestamp())
          and not exists (
              select from app.payments p
              where p.consultation_id = c.id and p.status in ('INITIATED', 'PENDING', 'VERIFIED'))
        order by c.expires_at
        limit max_rows
        for no key update skip locked);
    update app.consultations c
    set status = 'EXPIRED',
        deleted_at = case when not exists (
            select from app.payments p where p.consultation_id = c.id and p.authority is not null
        ) then clock_timestamp() end
    where c.id = any (v_ids)
      and not exists (
          select from app.payments p
          where p.consultation_id = c.id and p.status in ('INITIATED', 'PENDING', 'VERIFIED'));
    get diagnostics v_expired = row_count;
    return v_expired;
end
$$;

comment on function app.expire_consultations(integer) is
    'Job: EXPIRED for what was left lying, soft-deleted when no attempt to pay ever reached a gateway.';
