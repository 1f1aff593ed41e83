create or replace function api.cancel_consultation(consultation_id uuid)
returns api.consultations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_consultation app.consultations := app.lock_own_consultation(consultation_id);
begin
    perform app.require_status(v_consultation, 'DRAFT', 'DETAILS_SUBMITTED', 'SLOT_HELD', 'PAYMENT_INITIATED');
    perform app.cancel_open_payment(v_consultation.id);
    perform app.cancel_hold(v_consultation.id, 'CONSULTATION_CLOSED');
    update app.consultations c set status = 'CANCELED' where c.id = v_consultation.id;
    return app.show_consultation(v_consultation.id);
end
$$;

comment on function api.cancel_consultation(uuid) is
E'Cancel an unpaid consultation\n\nAlso while paying: should that payment still succeed, a refund is due. Gives the
consultation. NOT_FOUND, INVALID_STATE. For owners.';
grant execute on function api.cancel_consultation(uuid) to app_user;
