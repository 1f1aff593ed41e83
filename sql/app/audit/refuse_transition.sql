create or replace function app.refuse_transition(entity text, from_status text, to_status text)
returns text
language plpgsql
set search_path = ''
as $$
begin
    perform app.fail('INVALID_STATE',
        format('The %s is %s, and cannot become %s.', entity, coalesce(from_status, 'new'), to_status),
        jsonb_build_object('entity', entity, 'from', from_status, 'to', to_status));
end
$$;

comment on function app.refuse_transition(text, text, text) is
    'INVALID_STATE; stands where the name of an allowed change would.';
