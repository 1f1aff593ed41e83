create or replace function api.search_consultations(
    status app.consultation_status default null,
    "from" date default null,
    "to" date default null,
    mobile text default null,
    name text default null,
    pet_type app.pet_type default null,
    doctor_id uuid default null,
    max_rows integer default 20,
    before_at timestamptz default null,
    before_id uuid default null
)
returns setof api.admin_consultations
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_filter app.consultation_filter := app.read_consultation_filter(
        status, "from", "to", mobile, name, pet_type, doctor_id);
begin
    perform app.require_page(max_rows, before_at, before_id);
    return query
    select v.*
    from (
        select c.id, c.created_at
        from app.found_consultations(v_filter) c
        where before_id is null or (c.created_at, c.id) < (before_at, before_id)
        order by c.created_at desc, c.id desc
        limit max_rows
    ) page
    join api.admin_consultations v on v.id = page.id
    order by page.created_at desc, page.id desc;
end
$$;

comment on function api.search_consultations(
    app.consultation_status, date, date, text, text, app.pet_type, uuid, integer, timestamptz, uuid) is
E'Find consultations\n\nThose that meet all filters that are given, newest first: status; made from "from" to "to" (days in
the clinic''s zone, both included); the owner''s mobile (any form of the number, or of its beginning) and name (words, or
their beginnings, in any order and spelling); pet_type; doctor_id of an appointment that is not canceled. At most max_rows
(1 to 101); before_at and before_id are the created_at and id of the last row seen. VALIDATION_FAILED. For admins.';
grant execute on function api.search_consultations(
    app.consultation_status, date, date, text, text, app.pet_type, uuid, integer, timestamptz, uuid) to app_admin;
