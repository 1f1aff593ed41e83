create or replace function api.create_closure(
    start_at timestamptz default null,
    end_at timestamptz default null,
    reason text default null
)
returns api.admin_closures
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id uuid;
    v_result api.admin_closures;
begin
    perform app.require_admin();
    perform app.fail_validation(
        app.span_faults(start_at, end_at) || jsonb_build_object('reason', app.reason_fault(reason)));
    insert into app.closures as c (start_at, end_at, reason)
    values (create_closure.start_at, create_closure.end_at, btrim(create_closure.reason))
    returning c.id into v_id;
    select c.* into strict v_result from api.admin_closures c where c.id = v_id;
    return v_result;
end
$$;

comment on function api.create_closure(timestamptz, timestamptz, text) is
E'Close the clinic\n\nSlots that overlap the range are not offered any more. What is confirmed in it stays, and is reported as
OVER_CAPACITY (rpc/preview_closure shows it before). Gives the closure. FORBIDDEN, VALIDATION_FAILED. For admins.';
grant execute on function api.create_closure(timestamptz, timestamptz, text) to app_admin;
