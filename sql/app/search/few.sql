-- Under row-level security the planner estimates most conditions blindly, and it knows nothing of how words begin: it
-- can't be left to it whether to gather the few rows of a rare filter, or to look at the newest rows until there are
-- enough for a page. A filter that meets few things is turned into their ids beforehand.
create or replace function app.few(ids uuid[])
returns uuid[]
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case when cardinality(ids) <= 5000 then ids end
$$;

comment on function app.few(uuid[]) is
    'The ids, of which up to 5001 were gathered; null when they are more than 5000, and so dense that looking for them
among all soon succeeds.';
grant execute on function app.few(uuid[]) to app_admin;
