create or replace function api.search_payments(
    status app.payment_status default null,
    "from" date default null,
    "to" date default null,
    mobile text default null,
    name text default null,
    max_rows integer default 20,
    before_at timestamptz default null,
    before_id uuid default null
)
returns setof api.admin_payments
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_filter app.payment_filter := app.read_payment_filter(status, "from", "to", mobile, name);
begin
    perform app.require_page(max_rows, before_at, before_id);
    return query
    select v.*
    from (
        select p.id, p.created_at
        from app.found_payments(v_filter) p
        where before_id is null or (p.created_at, p.id) < (before_at, before_id)
        order by p.created_at desc, p.id desc
        limit max_rows
    ) page
    join api.admin_payments v on v.id = page.id
    order by page.created_at desc, page.id desc;
end
$$;

comment on function api.search_payments(
    app.payment_status, date, date, text, text, integer, timestamptz, uuid) is
E'Find payments\n\nThe attempts that meet all filters that are given, newest first: status; begun from "from" to "to" (days in
the clinic''s zone, both included); the owner''s mobile and name, as in rpc/search_consultations. At most max_rows (1 to
101); before_at and before_id are the created_at and id of the last row seen. VALIDATION_FAILED. For admins.';
grant execute on function api.search_payments(
    app.payment_status, date, date, text, text, integer, timestamptz, uuid) to app_admin;
