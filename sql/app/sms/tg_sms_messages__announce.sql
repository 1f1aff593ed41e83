-- A hint without content, once a statement: workers poll as well.
create or replace function app.tg_sms_messages__announce()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    perform pg_notify('sms_queued', '');
    return null;
end
$$;

comment on function app.tg_sms_messages__announce() is 'Wakes the workers when the transaction commits.';
