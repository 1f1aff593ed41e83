-- In a policy, a bare call runs once a row; inside (select …) it runs once a query.
-- catches: create policy pets_select_x on app.pets for select to app_user using (user_id = app.current_user_id())
-- catches: create policy pets_insert_x on app.pets for insert to app_user with check (current_setting('a.b') = name)
select p.polname || ' on ' || p.polrelid::regclass as object, 'calls a function for every row' as problem
from pg_policy p
where regexp_replace(
    concat(pg_get_expr(p.polqual, p.polrelid), ' ', pg_get_expr(p.polwithcheck, p.polrelid)),
    'SELECT (app\.)?\w+\(', '', 'g'
) ~ '(current_\w+|claims)\('
