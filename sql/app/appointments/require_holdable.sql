create or replace function app.require_holdable(consultation app.consultations, seat app.appointments)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if consultation.status = 'PAYMENT_INITIATED' or (app.open_payment(consultation.id)).id is not null then
        perform app.fail('PAYMENT_IN_PROGRESS', 'A payment for this consultation is under way.');
    end if;
    perform app.require_status(consultation, 'DETAILS_SUBMITTED', 'SLOT_HELD', 'PAID');
    if consultation.status = 'PAID' and seat.id is not null then
        perform app.fail('INVALID_STATE', 'The consultation has its appointment.');
    end if;
end
$$;

comment on function app.require_holdable(app.consultations, app.appointments) is
    'PAYMENT_IN_PROGRESS or INVALID_STATE unless the consultation may hold a slot now.';
