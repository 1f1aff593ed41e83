create or replace function sidecar.mock_reverse(authority text)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.mock_bank_sessions m set status = 'REVERSED'
    where m.authority = mock_reverse.authority and m.status in ('PAID', 'VERIFIED');
    return case when found then 100 else -61 end;
end
$$;

comment on function sidecar.mock_reverse(text) is 'Mock bank: gives the money back (100), or has none to give (-61).';
grant execute on function sidecar.mock_reverse(text) to sidecar;
