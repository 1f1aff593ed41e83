-- No SET clause, so that it is inlined.
create or replace function app.audit_context()
returns jsonb
language sql
stable
as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'request_id', app.request_header('x-request-id'), 'ip', app.request_header('x-real-ip')))
$$;

comment on function app.audit_context() is 'What every line of the audit log says of the request it was written in.';
