create or replace function app.tg_doctors__over_capacity()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_ids uuid[] := array(
        select n.id from new_rows n join old_rows o on o.id = n.id where o.is_active and not n.is_active order by n.id);
begin
    if v_ids <> '{}' then
        perform app.report_over_capacity(
            array_fill(tstzrange(clock_timestamp(), 'infinity'), array[cardinality(v_ids)]), v_ids);
    end if;
    return null;
end
$$;

comment on function app.tg_doctors__over_capacity() is
    'Reports the confirmed appointments that exceed the capacity without the doctors who were deactivated.';
