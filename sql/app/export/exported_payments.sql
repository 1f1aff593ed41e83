-- No SET clause, so that it is inlined: the export streams.
create or replace function app.exported_payments(filter app.payment_filter)
returns table (
    id uuid, consultation_id uuid, status text, created_at text, created_at_jalali text, owner_name text,
    owner_mobile text, provider text, amount_toman bigint, amount_rials bigint, ref_id text, card_pan text,
    paid_at text, paid_at_jalali text, refund_status text, refund_toman bigint, refund_reference text
)
language sql
stable
parallel safe
as $$
    select
        p.id, p.consultation_id, p.status::text, to_char(p.created_at at time zone s.tz, 'YYYY-MM-DD HH24:MI'),
        made.jalali, app.csv_cell(u.name), u.mobile, p.provider::text, p.amount_toman, p.amount_rials,
        app.csv_cell(p.ref_id), app.csv_cell(p.card_pan), to_char(p.paid_at at time zone s.tz, 'YYYY-MM-DD HH24:MI'),
        paid.jalali, r.status::text, r.amount_toman, app.csv_cell(r.reference)
    from app.system_config s
    cross join app.found_payments(filter) p
    join app.users u on u.id = p.user_id
    left join app.refunds r on r.payment_id = p.id
    left join app.calendar() made on made.day = (p.created_at at time zone s.tz)::date
    left join app.calendar() paid on paid.day = (p.paid_at at time zone s.tz)::date
    order by p.created_at desc, p.id desc
$$;

comment on function app.exported_payments(app.payment_filter) is
    'The attempts to pay that meet all filters, as the rows of a spreadsheet: newest first, times in the clinic''s zone.';
grant execute on function app.exported_payments(app.payment_filter) to app_admin;
