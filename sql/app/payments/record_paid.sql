create or replace function app.record_paid(payment app.payments, ref_id text, card_pan text, raw_response jsonb)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update app.payments p
    set status = 'VERIFIED',
        ref_id = record_paid.ref_id,
        card_pan = record_paid.card_pan,
        raw_response = record_paid.raw_response,
        paid_at = clock_timestamp(),
        settle_until = null,
        next_inquiry_at = null
    where p.id = payment.id;
    perform app.settle_paid(payment);
end
$$;

comment on function app.record_paid(app.payments, text, text, jsonb) is
    'VERIFIED, with the gateway''s reference and the masked card; then the money is put to its use.';
