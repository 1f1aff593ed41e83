create or replace function app.tg_doctor_absences__over_capacity()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_spans tstzrange[];
    v_doctor_ids uuid[];
begin
    if tg_op = 'INSERT' then
        select array_agg(tstzrange(n.start_at, n.end_at) order by n.id), array_agg(n.doctor_id order by n.id)
        into v_spans, v_doctor_ids
        from new_rows n;
    else
        select array_agg(r.span order by n.id, r.span), array_agg(n.doctor_id order by n.id, r.span)
        into v_spans, v_doctor_ids
        from new_rows n
        left join old_rows o on o.id = n.id and o.doctor_id = n.doctor_id
        cross join lateral unnest(tstzmultirange(tstzrange(n.start_at, n.end_at))
            - case when o.id is null then '{}' else tstzmultirange(tstzrange(o.start_at, o.end_at)) end) as r (span);
    end if;
    if v_spans is not null then
        perform app.lock_doctors();
        perform app.report_over_capacity(v_spans, v_doctor_ids);
    end if;
    return null;
end
$$;

comment on function app.tg_doctor_absences__over_capacity() is
    'Reports the confirmed appointments that exceed the capacity in what is newly an absence.';
