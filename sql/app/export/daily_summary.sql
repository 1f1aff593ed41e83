-- hold_expires_at is null from the moment of confirmation on, whatever becomes of the appointment: what was only held is
-- not counted. A consultation has at most one appointment that was ever confirmed, to which all its money belongs.
create or replace function app.daily_summary(days daterange)
returns table (
    day date,
    jalali_date text,
    doctor_id uuid,
    doctor text,
    booked bigint,
    completed bigint,
    no_shows bigint,
    canceled bigint,
    income_toman bigint
)
language sql
stable
set search_path = ''
as $$
    select b.day, app.to_jalali(b.day), b.doctor_id, d.display_name, b.booked, b.completed, b.no_shows, b.canceled,
        b.income_toman
    from (
        select (a.start_at at time zone s.tz)::date as day, a.doctor_id, count(*) as booked,
            count(*) filter (where a.status = 'COMPLETED' and a.outcome is distinct from 'NO_SHOW') as completed,
            count(*) filter (where a.outcome = 'NO_SHOW') as no_shows,
            count(*) filter (where a.status = 'CANCELED') as canceled,
            coalesce(sum(m.income_toman), 0)::bigint as income_toman
        from app.system_config s
        join app.appointments a
            on a.hold_expires_at is null
            and a.start_at >= lower(days)::timestamp at time zone s.tz
            and a.start_at < upper(days)::timestamp at time zone s.tz
        cross join lateral (
            select sum(p.amount_toman - coalesce(r.amount_toman, 0)) as income_toman
            from app.payments p
            left join app.refunds r on r.payment_id = p.id
            where p.consultation_id = a.consultation_id and p.status = 'VERIFIED'
        ) m
        group by 1, 2
    ) b
    left join app.doctors d on d.id = b.doctor_id
    order by b.day desc, d.display_name nulls last, b.doctor_id
$$;

comment on function app.daily_summary(daterange) is
    'What became of the calls of each day and doctor (see rpc/summary); days are the clinic''s.';
grant execute on function app.daily_summary(daterange) to app_admin;
