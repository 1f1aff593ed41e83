-- Of several attempts to pay, DISTINCT ON keeps the verified or else the latest: the rows are sorted anyway.
-- No SET clause, so that it is inlined: the export streams.
create or replace function app.exported_consultations(filter app.consultation_filter)
returns table (
    id uuid, status text, created_at text, created_at_jalali text, owner_name text, owner_mobile text,
    pet_name text, pet_type text, pet_breed text, message_text text, appointment_status text, appointment_at text,
    appointment_date_jalali text, doctor text, outcome text, price_toman bigint, payment_status text,
    payment_ref_id text, paid_at text, refund_status text, refund_toman bigint
)
language sql
stable
parallel safe
as $$
    select distinct on (c.created_at, c.id)
        c.id, c.status::text, to_char(c.created_at at time zone s.tz, 'YYYY-MM-DD HH24:MI'), made.jalali,
        app.csv_cell(u.name), u.mobile, app.csv_cell(p.name), p.type::text, app.csv_cell(p.breed),
        app.csv_cell(c.message_text), a.status::text, to_char(a.start_at at time zone s.tz, 'YYYY-MM-DD HH24:MI'),
        called.jalali, app.csv_cell(d.display_name), a.outcome::text, c.base_price_toman, m.status::text,
        app.csv_cell(m.ref_id), to_char(m.paid_at at time zone s.tz, 'YYYY-MM-DD HH24:MI'), r.status::text,
        r.amount_toman
    from app.system_config s
    cross join app.found_consultations(filter) c
    join app.users u on u.id = c.user_id
    join app.pets p on p.id = c.pet_id
    left join app.appointments a on a.consultation_id = c.id and a.status <> 'CANCELED'
    left join app.doctors d on d.id = a.doctor_id
    left join app.payments m on m.consultation_id = c.id
    left join app.refunds r on r.payment_id = m.id
    left join app.calendar() made on made.day = (c.created_at at time zone s.tz)::date
    left join app.calendar() called on called.day = (a.start_at at time zone s.tz)::date
    order by c.created_at desc, c.id desc, m.status = 'VERIFIED' desc nulls last, m.created_at desc
$$;

comment on function app.exported_consultations(app.consultation_filter) is
    'The consultations that meet all filters, as the rows of a spreadsheet: newest first, times in the clinic''s zone.';
grant execute on function app.exported_consultations(app.consultation_filter) to app_admin;
