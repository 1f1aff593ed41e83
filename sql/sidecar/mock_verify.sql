-- Codes as documented for Zarinpal: 100 paid, 101 verified before, -50 another amount, -51 not paid, -54 unknown.
create or replace function sidecar.mock_verify(
    authority text,
    amount_toman bigint,
    out code integer,
    out ref_id text,
    out card_pan text
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session app.mock_bank_sessions;
begin
    select m.* into v_session from app.mock_bank_sessions m where m.authority = mock_verify.authority for update;
    code := case
        when not found then -54
        when v_session.amount_toman <> mock_verify.amount_toman then -50
        when v_session.status = 'PAID' then 100
        when v_session.status = 'VERIFIED' then 101
        else -51
    end;
    if code in (100, 101) then
        ref_id := v_session.ref_id;
        card_pan := '502229******5995';
        update app.mock_bank_sessions m set status = 'VERIFIED' where m.authority = mock_verify.authority;
    end if;
end
$$;

comment on function sidecar.mock_verify(text, bigint) is 'Mock bank: verify, first 100 and then 101.';
grant execute on function sidecar.mock_verify(text, bigint) to sidecar;
