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

comment on function app.tg_doctors__lock() is 'Locks in order of id before an update locks in any order.';
