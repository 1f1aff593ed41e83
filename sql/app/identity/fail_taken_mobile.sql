create or replace function app.fail_taken_mobile()
returns void
language sql
set search_path = ''
as $$
    select app.fail('CONFLICT', 'This mobile number is registered already.',
                    '{"fields": {"mobile": "Registered already."}}')
$$;

comment on function app.fail_taken_mobile() is 'Refuses the call with CONFLICT: somebody else has this mobile number.';
