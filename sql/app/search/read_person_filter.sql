create or replace function app.read_person_filter(mobile text, name text)
returns app.person_filter
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_who app.person_filter;
begin
    v_who.mobile := app.mobile_prefix(mobile);
    v_who.words := app.word_query(name);
    perform app.fail_validation(jsonb_build_object(
        'mobile', case when mobile is not null and v_who.mobile is null
            then 'Give a mobile number, or its first digits, three at least after the zero.' end,
        'name', case when name is not null and v_who.words is null then 'Give a word of the name, or its beginning.'
            when length(name) > 100 then 'Give at most 100 characters.' end));
    if v_who.mobile is not null or v_who.words is not null then
        v_who.people := app.few(array(
            select u.id
            from app.users u
            where (v_who.mobile is null or u.mobile like v_who.mobile || '%')
              and (v_who.words is null or u.search_words @@ v_who.words)
            limit 5001));
    end if;
    return v_who;
end
$$;

comment on function app.read_person_filter(text, text) is
    'Whom the mobile (any form of a number, or of its beginning) and the name mean. VALIDATION_FAILED.';
grant execute on function app.read_person_filter(text, text) to app_admin;
