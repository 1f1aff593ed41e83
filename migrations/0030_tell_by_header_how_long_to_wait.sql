-- tell by header how long to wait
-- depends: 0029_ask_where_the_money_is_before_it_is_transferred_by_hand

-- from sql/app/errors/fail.sql
-- Every refusal leaves the database here, so that a code has one status and one shape. PostgREST turns SQLSTATE PGRST
-- into the answer; both status and headers are needed, and details must be text (the gateway opens it again). The
-- PTnnn states are not used: they put the message into the status line, where a client can inject headers. The
-- retry_after of details, in seconds, is the answer's Retry-After, too.
create or replace function app.fail(code text, message text, details jsonb default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_status integer := case code
        when 'UNAUTHENTICATED' then 401
        when 'FORBIDDEN' then 403
        when 'NOT_FOUND' then 404
        when 'CONFLICT' then 409
        when 'INVALID_STATE' then 409
        when 'SLOT_FULL' then 409
        when 'PAYMENT_IN_PROGRESS' then 409
        when 'PRECONDITION_FAILED' then 412
        when 'VALIDATION_FAILED' then 422
        when 'SLOT_NOT_OFFERED' then 422
        when 'RATE_LIMITED' then 429
        when 'TOO_MANY_HOLDS' then 429
        else 500
    end;
begin
    raise sqlstate 'PGRST' using
        message = jsonb_build_object('code', code, 'message', message, 'details', details::text, 'hint', null)::text,
        detail = jsonb_build_object('status', v_status, 'headers',
            jsonb_strip_nulls(jsonb_build_object('Retry-After', details ->> 'retry_after')))::text;
end
$$;

comment on function app.fail(text, text, jsonb) is
    'Refuses the call with one of the codes of docs/errors.md, in the shape that PostgREST answers.';
grant execute on function app.fail(text, text, jsonb) to app_admin;
-- end of sql/app/errors/fail.sql
