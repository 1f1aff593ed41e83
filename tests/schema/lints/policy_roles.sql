-- A policy without TO is for everybody, anon and the roles of tomorrow included.
-- catches: create policy pets_select_all on app.pets for select using (true)
select p.polname || ' on ' || p.polrelid::regclass as object, 'is for PUBLIC' as problem
from pg_policy p
where 0 = any (p.polroles)
