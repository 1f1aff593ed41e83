-- FORCE binds app_owner: without a policy of its own, its definer functions see no rows, and their updates change none,
-- silently.
-- catches: drop policy pets_all_owner on app.pets
-- catches: alter policy pets_all_owner on app.pets using (deleted_at is null)
select c.oid::regclass::text as object, 'app_owner has no policy for everything' as problem
from pg_class c
where c.relkind in ('r', 'p')
  and c.relnamespace = 'app'::regnamespace
  and not exists (
      select from pg_policy p
      where p.polrelid = c.oid
        and p.polcmd = '*'
        and p.polroles = array['app_owner'::regrole::oid]
        and pg_get_expr(p.polqual, p.polrelid) = 'true'
        and pg_get_expr(p.polwithcheck, p.polrelid) = 'true'
  )
