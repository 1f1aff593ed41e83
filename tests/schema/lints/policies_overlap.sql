-- Permissive policies are alternatives: what a role may see is written in one of them, not in the sum of several.
-- catches: create policy pets_select_more on app.pets for select to app_user using (true)
-- catches: create policy pets_all_more on app.pets to app_user using (true)
select
    format('%s for %s', p.polrelid::regclass, r.rolname) as object,
    'has several policies: ' || string_agg(p.polname, ', ' order by p.polname) as problem
from pg_policy p
join pg_roles r on r.oid = any (p.polroles)
where p.polpermissive
group by p.polrelid, r.rolname
having count(*) > 1
