create or replace function app.fill_template(template text, fields jsonb)
returns text
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
    v_name text;
    v_value text;
begin
    for v_name, v_value in select f.key, f.value from jsonb_each_text(fields) f loop
        template := replace(template, '{' || v_name || '}', v_value);
    end loop;
    return template;
end
$$;

comment on function app.fill_template(text, jsonb) is 'The template with each {name} replaced by the field of that name.';
