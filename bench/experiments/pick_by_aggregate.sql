-- Columns for the audit log are picked in a loop, not by an aggregate over unnest()
-- Runs at every transition. The executor of a query costs more than the picking.
create or replace function app.pick(object jsonb, keys text[])
returns jsonb
language sql
immutable
parallel safe
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(key, object -> key), '{}') from unnest(keys) as key
$$;
