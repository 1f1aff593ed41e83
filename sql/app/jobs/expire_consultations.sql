-- Nothing is given up while money may be on its way, and nothing that a gateway ever knew of is hidden.
create or replace function app.expire_consultations(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    with due as (
        select c.id from app.consultations c
        where c.expires_at <= clock_timestamp()
          and not exists (
              select from app.payments p
              where p.consultation_id = c.id and p.status in ('INITIATED', 'PENDING', 'VERIFIED'))
        order by c.expires_at
        limit max_rows
        for no key update skip locked
    ), expired as (
        update app.consultations c
        set status = 'EXPIRED',
            deleted_at = case when not exists (
                select from app.payments p where p.consultation_id = c.id and p.authority is not null
            ) then clock_timestamp() end
        from due d
        where c.id = d.id
        returning c.id
    )
    select count(*) from expired
$$;

comment on function app.expire_consultations(integer) is
    'Job: EXPIRED for what was left lying, soft-deleted when no attempt to pay ever reached a gateway.';
