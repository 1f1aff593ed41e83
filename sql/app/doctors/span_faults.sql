create or replace function app.span_faults(start_at timestamptz, end_at timestamptz)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    -- Tehran's offset was +03:25:44 before there were zones, which no date-time of an answer can say.
    select jsonb_build_object(
        'start_at', case when start_at is null then 'Give the start.'
            when start_at not between '2000-01-01 00:00Z' and '2999-12-31 00:00Z'
            then 'Give a time within this millennium.' end,
        'end_at', case when end_at is null then 'Give the end.'
            when end_at not between '2000-01-01 00:00Z' and '2999-12-31 00:00Z'
            then 'Give a time within this millennium.'
            when end_at <= start_at then 'Give an end after the start.' end)
$$;

comment on function app.span_faults(timestamptz, timestamptz) is
    'What is wrong with each end of a range of time, as app.fail_validation takes it.';
