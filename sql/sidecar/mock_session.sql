create or replace function sidecar.mock_session(payment_id uuid)
returns table (authority text, amount_toman bigint, callback_url text, status text)
language sql
stable
security definer
set search_path = ''
as $$
    select m.authority, m.amount_toman, m.callback_url, m.status
    from app.mock_bank_sessions m where m.payment_id = mock_session.payment_id
$$;

comment on function sidecar.mock_session(uuid) is 'Mock bank: what its page shows.';
grant execute on function sidecar.mock_session(uuid) to sidecar;
