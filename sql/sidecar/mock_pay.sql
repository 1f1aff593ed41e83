create or replace function sidecar.mock_pay(payment_id uuid, is_paid boolean)
returns table (authority text, callback_url text, status text)
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.mock_bank_sessions m set status = case when is_paid then 'PAID' else 'FAILED' end
    where m.payment_id = mock_pay.payment_id and m.status = 'IN_BANK';
    return query
    select m.authority, m.callback_url, m.status
    from app.mock_bank_sessions m where m.payment_id = mock_pay.payment_id;
end
$$;

comment on function sidecar.mock_pay(uuid, boolean) is
    'Mock bank: the customer pays or fails, once; a second press changes nothing.';
grant execute on function sidecar.mock_pay(uuid, boolean) to sidecar;
