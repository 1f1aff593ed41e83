create or replace function api.create_absence(
    doctor_id uuid default null,
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
    v_id uuid;
    v_result api.admin_absences;
begin
    perform app.require_admin();
    perform app.fail_validation(app.span_faults(start_at, end_at) || jsonb_build_object(
        'doctor_id', case when doctor_id is null then 'Give the doctor.' end,
        'reason', case when reason is not null then app.reason_fault(reason) end));
    perform app.require_doctor(doctor_id);
    insert into app.doctor_absences as b (doctor_id, start_at, end_at, reason)
    values (create_absence.doctor_id, create_absence.start_at, create_absence.end_at, btrim(create_absence.reason))
    returning b.id into v_id;
    select b.* into strict v_result from api.admin_absences b where b.id = v_id;
    return v_result;
end
$$;

comment on function api.create_absence(uuid, timestamptz, timestamptz, text) is
E'Note a doctor''s absence\n\nThe doctor does not count for slots that overlap the range, and is given none of them. What is
confirmed stays, and is reported as OVER_CAPACITY when it is too much then (rpc/preview_absence shows it before). Gives the
absence. FORBIDDEN, VALIDATION_FAILED, NOT_FOUND (the doctor). For admins.';
grant execute on function api.create_absence(uuid, timestamptz, timestamptz, text) to app_admin;
