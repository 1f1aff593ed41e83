create or replace function app.span_faults(start_at timestamptz, end_at timestamptz)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select jsonb_build_object(
        'start_at', case when start_at is null or not isfinite(start_at) then 'Give the start.' end,
        'end_at', case when end_at is null or not isfinite(end_at) then 'Give the end.'
            when end_at <= start_at then 'Give an end after the start.' end)
$$;

comment on function app.span_faults(timestamptz, timestamptz) is
    'What is wrong with each end of a range of time, as app.fail_validation takes it.';
