-- Callers only select; the functions of api write as the owner. A policy for writing would be half of an open door.
-- catches: create policy pets_insert_user on app.pets for insert to app_user with check (true)
-- catches: create policy pets_all_admin on app.pets to app_admin using (true)
select p.polname || ' on ' || p.polrelid::regclass as object, 'lets a caller write' as problem
from pg_policy p
where p.polcmd <> 'r'
  and p.polroles <> array['app_owner'::regrole::oid]
