create or replace function app.lock_open_consultation(consultation_id uuid)
returns app.consultations
language plpgsql
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
begin
    perform app.require_status(
        v_consultation, 'DRAFT', 'DETAILS_SUBMITTED', 'SLOT_HELD', 'PAYMENT_INITIATED', 'PAID', 'SCHEDULED');
    return v_consultation;
end
$$;

comment on function app.lock_open_consultation(uuid) is
    'Locks the caller''s own consultation, to which files may be added until it ends. NOT_FOUND, INVALID_STATE.';
