-- lock the doctors by one lock
-- depends: 0037_wait_for_an_own_lapsed_hold

-- from sql/app/doctors/tg_doctors__lock.sql
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
-- end of sql/app/doctors/tg_doctors__lock.sql

-- from sql/app/doctors/lock_doctors.sql
-- Whoever confirms an appointment, and whoever takes doctors away, passes here: either the confirmation sees that the
-- doctor is gone, or the report of what is now over capacity sees the confirmation. One lock for all of them, the last:
-- the rows would be locked in no common order by transactions that differ about who is active, and an update meets here
-- with rows of before its wait.
create or replace function app.lock_doctors()
returns void
language sql
set search_path = ''
as $$
    select pg_advisory_xact_lock(hashtext('app.doctors: who takes calls'))
$$;

comment on function app.lock_doctors() is 'Locks the doctors: no call is given to anybody until the transaction ends.';
-- end of sql/app/doctors/lock_doctors.sql
