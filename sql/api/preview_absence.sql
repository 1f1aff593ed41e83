create or replace function api.preview_absence(
    doctor_id uuid default null,
    start_at timestamptz default null,
    end_at timestamptz default null
)
returns setof app.affected_appointment
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.require_span(start_at, end_at);
    perform app.require_doctor(doctor_id);
    return query select * from app.affected_appointments(start_at, end_at, doctor_id);
end
$$;

comment on function api.preview_absence(uuid, timestamptz, timestamptz) is
E'Preview an absence\n\nThe held and confirmed appointments that the doctor''s absence from start_at to end_at would affect,
with their owners'' names and mobiles: the doctor''s own (why: DOCTOR_AWAY), and those that would be more than there are
doctors then (is_over_capacity). FORBIDDEN, VALIDATION_FAILED, NOT_FOUND. For admins.';
grant execute on function api.preview_absence(uuid, timestamptz, timestamptz) to app_admin;
