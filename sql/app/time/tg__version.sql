create or replace function app.tg__version()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.version := old.version + 1;
    new.updated_at := clock_timestamp();
    return new;
end
$$;

comment on function app.tg__version() is
    'Counts the changes of a row, its ETag and part of what makes a message unique, and keeps updated_at true.';
