-- show only the page of a search for people
-- depends: 0011_files_are_checked_and_counted_and_deleted

-- from sql/api/search_users.sql
create or replace function api.search_users(
    mobile text default null,
    name text default null,
    role app.user_role default null,
    max_rows integer default 20,
    before_at timestamptz default null,
    before_id uuid default null
)
returns setof api.admin_users
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_who app.person_filter := app.read_person_filter(mobile, name);
    v_of_role uuid[] := case when role is not null then app.few(array(
        select u.id from app.users u where u.role = search_users.role limit 5001)) end;
begin
    perform app.require_page(max_rows, before_at, before_id);
    -- The page first, and then what is shown of it: only PostgreSQL 18 sees that both are the same table.
    return query
    select v.*
    from (
        select u.id
        from app.users u
        where (v_who.people is null or u.id = any (v_who.people))
          and (v_who.mobile is null or u.mobile like v_who.mobile || '%')
          and (v_who.words is null or u.search_words @@ v_who.words)
          and (v_of_role is null or u.id = any (v_of_role))
          and (search_users.role is null or u.role::text = search_users.role::text)
          and (before_id is null or (u.created_at, u.id) < (before_at, before_id))
        order by u.created_at desc, u.id desc
        limit max_rows
    ) found
    join api.admin_users v on v.id = found.id
    order by v.created_at desc, v.id desc;
end
$$;

comment on function api.search_users(text, text, app.user_role, integer, timestamptz, uuid) is
E'Find people\n\nThose who meet all filters that are given, newest first: mobile (any form of the number, or of its
beginning), name (words, or their beginnings, in any order and spelling), role. At most max_rows (1 to 101);
before_at and before_id are the created_at and id of the last row seen. VALIDATION_FAILED. For admins.';
grant execute on function api.search_users(text, text, app.user_role, integer, timestamptz, uuid) to app_admin;
-- end of sql/api/search_users.sql
