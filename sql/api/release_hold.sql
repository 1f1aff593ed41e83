create or replace function api.release_hold(consultation_id uuid)
returns api.consultations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
begin
    perform app.require_status(v_consultation, 'SLOT_HELD', 'PAYMENT_INITIATED');
    perform app.cancel_open_payment(v_consultation.id);
    perform app.cancel_hold(v_consultation.id, 'RELEASED');
    update app.consultations c set status = 'DETAILS_SUBMITTED' where c.id = v_consultation.id;
    return app.show_consultation(v_consultation.id);
end
$$;

comment on function api.release_hold(uuid) is
E'Release the held slot\n\nAlso while paying: the open attempt becomes CANCELED. Gives the consultation. NOT_FOUND,
INVALID_STATE. For owners.';
grant execute on function api.release_hold(uuid) to app_user;
