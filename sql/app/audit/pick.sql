-- In a loop: it runs at every transition, where starting an aggregate would take longer than all the rest.
create or replace function app.pick(object jsonb, keys text[])
returns jsonb
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
    v_key text;
    v_picked jsonb := '{}';
begin
    foreach v_key in array keys loop
        v_picked[v_key] := object -> v_key;
    end loop;
    return v_picked;
end
$$;

comment on function app.pick(jsonb, text[]) is 'The object with only these keys.';
