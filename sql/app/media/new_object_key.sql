create or replace function app.new_object_key(folder text)
returns text
language sql
volatile
set search_path = ''
as $$
    select folder || '/' || encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'hex')
$$;

comment on function app.new_object_key(text) is
    'A random key: uploads/… for what a client is about to send, media/… for what was checked.';
