create or replace function app.require_span(start_at timestamptz, end_at timestamptz)
returns void
language sql
set search_path = ''
as $$
    select app.fail_validation(app.span_faults(start_at, end_at))
$$;

comment on function app.require_span(timestamptz, timestamptz) is 'VALIDATION_FAILED unless it is a range of time.';
