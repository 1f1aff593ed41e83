create or replace function sidecar.mock_request(payment_id uuid, amount_toman bigint, callback_url text)
returns text
language sql
security definer
set search_path = ''
as $$
    insert into app.mock_bank_sessions as m (authority, payment_id, amount_toman, callback_url)
    values ('S' || upper(substring(encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'hex'), 1, 35)),
            mock_request.payment_id, mock_request.amount_toman, mock_request.callback_url)
    returning m.authority
$$;

comment on function sidecar.mock_request(uuid, bigint, text) is
    'Mock bank: opens a session; its authority has 36 characters and begins with S, like those of Zarinpal''s sandbox.';
grant execute on function sidecar.mock_request(uuid, bigint, text) to sidecar;
