create or replace function sidecar.mock_unverified()
returns table (authority text, amount_toman bigint)
language sql
stable
security definer
set search_path = ''
as $$
    select m.authority, m.amount_toman from app.mock_bank_sessions m
    where m.status = 'PAID'
    order by m.created_at desc
    limit 100
$$;

comment on function sidecar.mock_unverified() is 'Mock bank: the latest 100 sessions that were paid and not verified.';
grant execute on function sidecar.mock_unverified() to sidecar;
