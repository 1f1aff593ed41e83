create or replace function app.read_payment_filter(
    status app.payment_status default null,
    "from" date default null,
    "to" date default null,
    mobile text default null,
    name text default null
)
returns app.payment_filter
language plpgsql
stable
set search_path = ''
as $$
declare
    v_filter app.payment_filter;
begin
    select p.since, p.until into v_filter.since, v_filter.until from app.read_period("from", "to") p;
    v_filter.who := app.read_person_filter(mobile, name);
    if status is not null then
        v_filter.status := status;
        v_filter.of_status := app.few(array(
            select p.id from app.payments p where p.status = read_payment_filter.status limit 5001));
    end if;
    return v_filter;
end
$$;

comment on function app.read_payment_filter(app.payment_status, date, date, text, text) is
    'Reads the filters of lists and exports of payments (see rpc/search_payments). VALIDATION_FAILED.';
grant execute on function app.read_payment_filter(app.payment_status, date, date, text, text) to app_admin;
