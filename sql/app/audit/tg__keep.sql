create or replace function app.tg__keep()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception '%.% is kept: % is refused', tg_table_schema, tg_table_name, tg_op
        using errcode = 'restrict_violation';
end
$$;

comment on function app.tg__keep() is 'Refuses the change, the owner''s included: what was logged or paid stays.';
