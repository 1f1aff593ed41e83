-- The rules are the table's own constraints and nothing else: each is asked about the settings as they would be, and
-- its comment is what the caller is told. So all faults are named at once, where PostgreSQL would stop at the first. A
-- field that breaks several is told of the first by name: of hours that are none before slots that don't fit into them.
create or replace function app.config_faults(config app.system_config, fields text[])
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_check record;
    v_holds boolean;
    v_faults jsonb;
begin
    select coalesce(jsonb_object_agg(a.attname, 'is required'), '{}') into v_faults
    from pg_catalog.pg_attribute a
    where a.attrelid = 'app.system_config'::regclass and a.attnotnull and a.attname = any (fields)
      and to_jsonb(config) -> a.attname = 'null';
    for v_check in
        select pg_get_expr(k.conbin, k.conrelid) as rule, obj_description(k.oid, 'pg_constraint') as words, array(
            select a.attname::text from pg_catalog.pg_attribute a
            where a.attrelid = k.conrelid and a.attnum = any (k.conkey) and a.attname = any (fields)) as fields
        from pg_catalog.pg_constraint k
        where k.conrelid = 'app.system_config'::regclass and k.contype = 'c'
        order by k.conname
    loop
        begin
            execute format('select %s from (select ($1).*) system_config', v_check.rule) into v_holds using config;
        exception when data_exception then  -- such as a time zone that does not exist
            v_holds := false;
        end;
        if not v_holds then
            v_faults := jsonb_object(
                v_check.fields, array_fill(v_check.words, array[cardinality(v_check.fields)])) || v_faults;
        end if;
    end loop;
    return v_faults;
end
$$;

comment on function app.config_faults(app.system_config, text[]) is
    'What is wrong with each of these fields of the settings; an empty object when nothing is.';
