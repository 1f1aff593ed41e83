-- What the same PostgREST answers at most: a function that does nothing, and one that inserts one row.
create schema bench;

create table bench.rows (
    id uuid not null default app.new_id(),
    user_id uuid not null,
    created_at timestamptz not null default clock_timestamp(),
    constraint rows_pkey primary key (id)
);

create function api.bench_nothing()
returns void
language plpgsql
set search_path = ''
as $$
begin
end
$$;

create function api.bench_insert()
returns bench.rows
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_row bench.rows;
begin
    insert into bench.rows (user_id) values (app.current_user_id()) returning * into v_row;
    return v_row;
end
$$;

grant execute on function api.bench_nothing() to app_user;
grant execute on function api.bench_insert() to app_user;
