create or replace function app.expire_unsent_payments(max_rows integer default 1000)
returns bigint
language sql
set search_path = ''
as $$
    with unsent as (
        select p.id, p.consultation_id from app.payments p
        where p.status = 'INITIATED' and p.authority is null and p.created_at < clock_timestamp() - interval '1 hour'
        limit max_rows
    ), locked as (
        select c.id from app.consultations c
        where c.id in (select u.consultation_id from unsent u)
        for no key update skip locked
    ), expired as (
        update app.payments p set status = 'EXPIRED'
        from unsent u join locked l on l.id = u.consultation_id
        where p.id = u.id and p.status = 'INITIATED' and p.authority is null
        returning p.id
    )
    select count(*) from expired
$$;

comment on function app.expire_unsent_payments(integer) is 'Job: EXPIRED for attempts that never got an authority.';
