create or replace function app.tg_doctors__lock()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.lock_doctors();
    return null;
end
$$;

comment on function app.tg_doctors__lock() is 'Locks the doctors before an update of who is active locks a row.';
