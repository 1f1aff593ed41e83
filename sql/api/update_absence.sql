create or replace function api.update_absence(
    absence_id uuid,
    start_at timestamptz default null,
    end_at timestamptz default null,
    reason text default null
)
returns api.admin_absences
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_absence app.doctor_absences;
    v_result api.admin_absences;
begin
    perform app.require_admin();
    select b.* into v_absence from app.doctor_absences b where b.id = absence_id for no key update;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such absence.');
    end if;
    v_absence.start_at := coalesce(update_absence.start_at, v_absence.start_at);
    v_absence.end_at := coalesce(update_absence.end_at, v_absence.end_at);
    perform app.fail_validation(app.span_faults(v_absence.start_at, v_absence.end_at) || jsonb_build_object(
        'reason', case when reason is not null then app.reason_fault(reason) end));
    update app.doctor_absences b
    set start_at = v_absence.start_at, end_at = v_absence.end_at,
        reason = coalesce(btrim(update_absence.reason), b.reason)
    where b.id = absence_id;
    select b.* into strict v_result from api.admin_absences b where b.id = absence_id;
    return v_result;
end
$$;

comment on function api.update_absence(uuid, timestamptz, timestamptz, text) is
E'Change an absence\n\nWhat is not given stays; an end_at of now ends it. What is newly an absence is treated as by
rpc/create_absence. Gives the absence. FORBIDDEN, NOT_FOUND, VALIDATION_FAILED. For admins.';
grant execute on function api.update_absence(uuid, timestamptz, timestamptz, text) to app_admin;
