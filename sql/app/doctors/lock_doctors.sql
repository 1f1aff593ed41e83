-- Whoever confirms an appointment, and whoever takes doctors away, passes here: either the confirmation sees that the
-- doctor is gone, or the report of what is now over capacity sees the confirmation. In order of id, last of all locks.
create or replace function app.lock_doctors()
returns void
language plpgsql
set search_path = ''
as $$
begin
    perform from app.doctors d where d.is_active order by d.id for no key update;
end
$$;

comment on function app.lock_doctors() is 'Locks the active doctors: no call is given to anybody until the transaction ends.';
