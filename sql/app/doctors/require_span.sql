create or replace function app.require_span(start_at timestamptz, end_at timestamptz)
returns void
language sql
set search_path = ''
as $$
    select app.fail_validation(jsonb_build_object(
        'start_at', case when start_at is null then 'Give the start.' end,
        'end_at', case when end_at is null then 'Give the end.'
            when end_at <= start_at then 'Give an end after the start.' end))
$$;

comment on function app.require_span(timestamptz, timestamptz) is 'VALIDATION_FAILED unless it is a range of time.';
