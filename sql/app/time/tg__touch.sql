create or replace function app.tg__touch()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.updated_at := clock_timestamp();
    return new;
end
$$;

comment on function app.tg__touch() is 'Keeps updated_at true.';
