create or replace function app.require_upload_rule(category text, ext text, size bigint, purpose text)
returns app.upload_rules
language plpgsql
stable
set search_path = ''
as $$
declare
    v_rule app.upload_rules;
    v_categories text[] := enum_range(null::app.media_category)::text[];
    v_purposes text[] := enum_range(null::app.media_purpose)::text[];
begin
    perform app.fail_validation(jsonb_build_object(
        'category', case when category <> all (v_categories) then 'One of ' || array_to_string(v_categories, ', ') end,
        'purpose', case when purpose <> all (v_purposes) then 'One of ' || array_to_string(v_purposes, ', ') end));
    select r.* into v_rule
    from app.upload_rules r
    where r.category = require_upload_rule.category::app.media_category
      and r.extension = lower(require_upload_rule.ext);
    perform app.fail_validation(jsonb_build_object(
        'ext', case when v_rule.extension is null then (
            select format('For %s one of %s.', r.category, string_agg(r.extension, ', ' order by r.extension))
            from app.upload_rules r
            where r.category::text = require_upload_rule.category
            group by r.category) end,
        'size', case when size not between 1 and v_rule.max_bytes
            then format('1 to %s bytes.', v_rule.max_bytes) end,
        'purpose', case when not app.is_purpose_of(purpose::app.media_purpose, v_rule.category)
            then format('Not a purpose of %s.', category) end));
    return v_rule;
end
$$;

comment on function app.require_upload_rule(text, text, bigint, text) is
    'The rule for such a file (size in bytes; purpose may be null). VALIDATION_FAILED with the fields that break it.';
