create or replace function app.require_page(max_rows integer, before_at timestamptz, before_id uuid)
returns void
language sql
set search_path = ''
as $$
    select app.fail_validation(jsonb_build_object(
        'max_rows', case when max_rows is null or max_rows not between 1 and 101 then 'Give a number from 1 to 101.' end,
        'cursor', case when (before_at is null) <> (before_id is null)
            then 'Give both the time and the id of the last row, or neither.' end))
$$;

comment on function app.require_page(integer, timestamptz, uuid) is 'VALIDATION_FAILED unless it names a page of a list.';
grant execute on function app.require_page(integer, timestamptz, uuid) to app_admin;
