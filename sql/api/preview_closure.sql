create or replace function api.preview_closure(start_at timestamptz default null, end_at timestamptz default null)
returns setof app.affected_appointment
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.require_span(start_at, end_at);
    return query select * from app.affected_appointments(start_at, end_at);
end
$$;

comment on function api.preview_closure(timestamptz, timestamptz) is
E'Preview a closure\n\nThe held and confirmed appointments that a closure from start_at to end_at would affect, with their
owners'' names and mobiles. They stay when it is made; what is confirmed is then reported as OVER_CAPACITY. FORBIDDEN,
VALIDATION_FAILED. For admins.';
grant execute on function api.preview_closure(timestamptz, timestamptz) to app_admin;
