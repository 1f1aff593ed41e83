create or replace function app.fail_validation(fields jsonb)
returns void
language sql
set search_path = ''
as $$
    select app.fail('VALIDATION_FAILED', 'Some fields are missing or not valid.',
                    jsonb_build_object('fields', jsonb_strip_nulls(fields)))
    where jsonb_strip_nulls(fields) <> '{}'
$$;

comment on function app.fail_validation(jsonb) is
    'Refuses the call with VALIDATION_FAILED when any of the fields has a complaint (null = none).';
grant execute on function app.fail_validation(jsonb) to app_admin;
