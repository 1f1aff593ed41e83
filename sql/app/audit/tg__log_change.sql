-- What people change that is no state machine: who takes calls and when, and the settings. Raw SQL is logged as well.
-- Arguments: the entity's name, then the columns whose values may stand in the log. Of all others (names, mobiles,
-- texts) it says only that they changed.
create or replace function app.tg__log_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_old jsonb := '{}';
    v_new jsonb := '{}';
    v_action text := case tg_op when 'INSERT' then 'CREATED' when 'UPDATE' then 'CHANGED' else 'DELETED' end;
    v_fields text[];
    v_shown text[];
begin
    if tg_op <> 'INSERT' then
        v_old := to_jsonb(old);
    end if;
    if tg_op <> 'DELETE' then
        v_new := to_jsonb(new);
    end if;
    v_fields := array(
        select key from jsonb_object_keys(v_old || v_new) key
        where v_old -> key is distinct from v_new -> key and key not in ('id', 'version', 'created_at', 'updated_at')
        order by key);
    if v_fields <> '{}' then
        v_shown := array(select unnest(v_fields) intersect select unnest(tg_argv[1:]));
        perform app.audit(
            format('%s_%s', upper(tg_argv[0]), v_action), tg_argv[0], ((v_old || v_new) ->> 'id')::uuid,
            jsonb_build_object('fields', v_fields, 'from', app.pick(v_old, v_shown), 'to', app.pick(v_new, v_shown)));
    end if;
    return null;
end
$$;

comment on function app.tg__log_change() is
    'Logs what was made, changed or deleted, as <ENTITY>_CREATED, _CHANGED or _DELETED.';
