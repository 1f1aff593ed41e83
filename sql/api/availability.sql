create or replace function api.availability("from" date default null, "to" date default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_tz text := (select c.tz from app.system_config c);
begin
    perform app.fail_validation(jsonb_build_object(
        'from', case when "from" is null then 'Give a date, YYYY-MM-DD.'
            when "from" not between '2000-01-01' and '2999-12-31' then 'Give a date within this millennium.' end,
        'to', case when "to" is null then 'Give a date, YYYY-MM-DD.'
            when not (isfinite("from") and isfinite("to")) then 'Give a date within this millennium.'
            when "to" not between '2000-01-01' and '2999-12-31' then 'Give a date within this millennium.'
            when "to" < "from" then 'Give a date that is not before the first.'
            when "to" - 61 > "from" then 'Ask for at most 62 days.' end));
    perform set_config('timezone', v_tz, true);  -- times in the answer carry the clinic's offset
    return jsonb_build_object('timezone', v_tz, 'days', (
        select coalesce(jsonb_agg(d.day order by d.day ->> 'date'), '[]')
        from (
            select jsonb_build_object(
                'date', a.day, 'jalali_date', app.to_jalali(a.day), 'weekday', to_char(a.day, 'FMDay'),
                'slots', jsonb_agg(jsonb_build_object(
                    'start_at', a.start_at, 'end_at', a.end_at, 'capacity', a.capacity, 'taken', a.taken,
                    'is_full', a.taken >= a.capacity, 'unavailable_reason', a.unavailable_reason
                ) order by a.start_at)) as day
            from app.slot_availability("from", "to") a
            group by a.day
        ) d));
end
$$;

comment on function api.availability(date, date) is
E'Days and slots\n\nThe open days from "from" to "to" (Gregorian dates in the clinic''s zone, at most 62 days), each with its
Jalali date, its weekday and its slots: start_at, end_at, capacity, taken, is_full, and unavailable_reason: PAST,
BEYOND_HORIZON, CLOSED (by the clinic), OVERLAPPED (by an appointment from before the clinic changed its hours), FULL, or
null for a slot that can be held. VALIDATION_FAILED. For everybody who is signed in.';
grant execute on function api.availability(date, date) to app_user, app_doctor, app_admin;
