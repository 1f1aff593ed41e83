create or replace function app.tg_users__over_capacity()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_ids uuid[] := array(
        select d.id
        from new_rows n
        join old_rows o on o.id = n.id
        join app.doctors d on d.user_id = n.id
        where o.is_active and o.role = 'DOCTOR' and not (n.is_active and n.role = 'DOCTOR')
        order by d.id);
begin
    if v_ids <> '{}' then
        perform app.lock_doctors();
        perform app.report_over_capacity(
            array_fill(tstzrange(clock_timestamp(), 'infinity'), array[cardinality(v_ids)]), v_ids);
    end if;
    return null;
end
$$;

comment on function app.tg_users__over_capacity() is
    'Reports the confirmed appointments that exceed the capacity without the doctors whose account was closed or changed.';
