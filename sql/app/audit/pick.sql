create or replace function app.pick(object jsonb, keys text[])
returns jsonb
language sql
immutable
parallel safe
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(key, object -> key), '{}') from unnest(keys) as key
$$;

comment on function app.pick(jsonb, text[]) is 'The object with only these keys.';
