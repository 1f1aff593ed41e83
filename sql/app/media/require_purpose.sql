create or replace function app.require_purpose(purpose text, category app.media_category)
returns app.media_purpose
language plpgsql
stable
set search_path = ''
as $$
declare
    v_purposes text[] := enum_range(null::app.media_purpose)::text[];
begin
    perform app.fail_validation(jsonb_build_object('purpose', case
        when purpose is null then 'is missing'
        when purpose <> all (v_purposes) then 'One of ' || array_to_string(v_purposes, ', ')
        when not app.is_purpose_of(purpose::app.media_purpose, category) then format('Not a purpose of %s.', category)
    end));
    return purpose::app.media_purpose;
end
$$;

comment on function app.require_purpose(text, app.media_category) is
    'The purpose, which a file of the category can serve. VALIDATION_FAILED.';
