create or replace function app.expire_unsent_payments(max_rows integer default 1000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_ids uuid[];
    v_expired bigint;
begin
    v_ids := array(
        select p.id
        from app.payments p
        join app.consultations c on c.id = p.consultation_id
        where p.status = 'INITIATED' and p.authority is null and p.created_at < (select clock_timestamp() - interval '1 hour')
        limit max_rows
        for no key update of c skip locked);
    update app.payments p set status = 'EXPIRED'
    where p.id = any (v_ids) and p.status = 'INITIATED' and p.authority is null;
    get diagnostics v_expired = row_count;
    return v_expired;
end
$$;

comment on function app.expire_unsent_payments(integer) is 'Job: EXPIRED for attempts that never got an authority.';
