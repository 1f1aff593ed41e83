create or replace function app.report_over_capacity(spans tstzrange[], doctor_ids uuid[] default '{}')
returns void
language sql
set search_path = ''
as $$
    with over as (
        select distinct on (a.start_at, a.appointment_id) a.*
        from unnest(spans, doctor_ids) as away (span, doctor_id)
        cross join lateral app.affected_appointments(lower(away.span), upper(away.span), away.doctor_id) a
        where a.status = 'CONFIRMED' and a.is_over_capacity
        order by a.start_at, a.appointment_id, a.why
    )
    select app.notify_admins('OVER_CAPACITY', jsonb_build_object('appointments', jsonb_agg(jsonb_build_object(
        'appointment_id', o.appointment_id, 'consultation_id', o.consultation_id, 'start_at', o.start_at,
        'doctor_id', o.doctor_id, 'why', o.why) order by o.start_at, o.appointment_id)))
    from over o
    having count(*) > 0
$$;

comment on function app.report_over_capacity(tstzrange[], uuid[]) is
    'Tells admins, once, which confirmed appointments exceed the capacity now that these doctors, or without any the
clinic, are away in these ranges (first doctor in the first range, and so on); nothing when none does.';
