-- A hint without content, once a statement: the streams read the table, and poll as well.
create or replace function app.tg_notifications__announce()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    perform pg_notify('notifications', '');
    return null;
end
$$;

comment on function app.tg_notifications__announce() is 'Wakes the notification streams when the transaction commits.';
