create or replace function app.mobile_fault(mobile text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case when app.normalize_mobile(mobile) is null then 'Give an Iranian mobile number, like 09121234567.' end
$$;

comment on function app.mobile_fault(text) is 'What is wrong with the mobile number; null when it will do.';
