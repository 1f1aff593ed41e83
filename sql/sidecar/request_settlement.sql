create or replace function sidecar.request_settlement(payment_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    if not exists (select from app.payments p where p.id = payment_id) then
        perform app.fail('NOT_FOUND', 'There is no such payment.');
    end if;
    perform app.audit('PAYMENT_SETTLEMENT_REQUESTED', 'payment', payment_id);
end
$$;

comment on function sidecar.request_settlement(uuid) is
    'Notes that the signed-in admin wants the gateway asked about a payment. FORBIDDEN, NOT_FOUND.';
grant execute on function sidecar.request_settlement(uuid) to sidecar;
