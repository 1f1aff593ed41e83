-- yoyo's own tables are not part of sql/, and a database that was built from sql/ has none.
create or replace function sidecar.last_migration()
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_id text;
begin
    if to_regclass('yoyo._yoyo_migration') is not null then
        execute 'select max(migration_id) from yoyo._yoyo_migration' into v_id;
    end if;
    return v_id;
end
$$;

comment on function sidecar.last_migration() is
    'The id of the newest migration that was applied here; null in a database that no migration has built.';
grant execute on function sidecar.last_migration() to sidecar;
