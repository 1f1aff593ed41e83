create or replace function sidecar.mock_inquiry(authority text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
    select m.status from app.mock_bank_sessions m where m.authority = mock_inquiry.authority
$$;

comment on function sidecar.mock_inquiry(text) is
    'Mock bank: IN_BANK, PAID, VERIFIED, FAILED or REVERSED; null when it knows no such authority.';
grant execute on function sidecar.mock_inquiry(text) to sidecar;
