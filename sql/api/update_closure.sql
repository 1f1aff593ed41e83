create or replace function api.update_closure(
    closure_id uuid,
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
    v_closure app.closures;
    v_result api.admin_closures;
begin
    perform app.require_admin();
    select c.* into v_closure from app.closures c where c.id = closure_id for no key update;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such closure.');
    end if;
    v_closure.start_at := coalesce(update_closure.start_at, v_closure.start_at);
    v_closure.end_at := coalesce(update_closure.end_at, v_closure.end_at);
    v_closure.reason := coalesce(btrim(update_closure.reason), v_closure.reason);
    perform app.fail_validation(app.span_faults(v_closure.start_at, v_closure.end_at)
        || jsonb_build_object('reason', app.reason_fault(v_closure.reason)));
    update app.closures c
    set start_at = v_closure.start_at, end_at = v_closure.end_at, reason = v_closure.reason
    where c.id = closure_id;
    select c.* into strict v_result from api.admin_closures c where c.id = closure_id;
    return v_result;
end
$$;

comment on function api.update_closure(uuid, timestamptz, timestamptz, text) is
E'Change a closure\n\nWhat is not given stays; an end_at of now ends it. What is newly closed is treated as by
rpc/create_closure. Gives the closure. FORBIDDEN, NOT_FOUND, VALIDATION_FAILED. For admins.';
grant execute on function api.update_closure(uuid, timestamptz, timestamptz, text) to app_admin;
