create or replace function sidecar.record_authority(
    payment_id uuid,
    authority text,
    raw_request jsonb,
    raw_response jsonb
)
returns app.payment_status
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payment app.payments := app.lock_payment(payment_id);
begin
    update app.payments p
    set authority = record_authority.authority,
        raw_request = record_authority.raw_request,
        raw_response = record_authority.raw_response,
        -- Given up while the gateway was thinking: the authority is kept, and reconciliation watches it.
        status = case p.status when 'INITIATED' then 'PENDING' else p.status end,
        next_inquiry_at = clock_timestamp() + interval '1 minute'
    where p.id = payment_id
    returning p.* into v_payment;
    update app.consultations c set status = 'PAYMENT_INITIATED'
    where c.id = v_payment.consultation_id and c.status = 'SLOT_HELD' and v_payment.status = 'PENDING';
    return v_payment.status;
end
$$;

comment on function sidecar.record_authority(uuid, text, jsonb, jsonb) is
    'Stores what the gateway gave for the attempt: PENDING, or what it became meanwhile.';
grant execute on function sidecar.record_authority(uuid, text, jsonb, jsonb) to sidecar;
