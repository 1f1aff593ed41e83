create or replace function app.cancel_paid_consultation(consultation_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update app.appointments a set status = 'CANCELED', cancel_reason = 'CONSULTATION_CLOSED'
    where a.consultation_id = cancel_paid_consultation.consultation_id and a.status = 'CONFIRMED';
    update app.consultations c set status = 'CANCELED'
    where c.id = cancel_paid_consultation.consultation_id and c.status in ('PAID', 'SCHEDULED');
end
$$;

comment on function app.cancel_paid_consultation(uuid) is
    'Ends the locked consultation whose money goes back, and frees its seat; one that is COMPLETED stays so.';
