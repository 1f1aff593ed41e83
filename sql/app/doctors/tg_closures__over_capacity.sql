create or replace function app.tg_closures__over_capacity()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_closed tstzrange[];
begin
    if tg_op = 'INSERT' then
        v_closed := array(select tstzrange(n.start_at, n.end_at) from new_rows n);
    else
        v_closed := array(
            select unnest(tstzmultirange(tstzrange(n.start_at, n.end_at)) - tstzmultirange(tstzrange(o.start_at, o.end_at)))
            from new_rows n join old_rows o on o.id = n.id);
    end if;
    if v_closed <> '{}' then
        perform app.lock_doctors();
        perform app.report_over_capacity(v_closed);
    end if;
    return null;
end
$$;

comment on function app.tg_closures__over_capacity() is 'Reports the confirmed appointments in what is newly closed.';
