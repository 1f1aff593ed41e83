create or replace function app.require_live_hold(consultation app.consultations)
returns app.appointments
language plpgsql
set search_path = ''
as $$
declare
    v_hold app.appointments := app.live_appointment(consultation.id);
begin
    if v_hold.id is null or v_hold.hold_expires_at <= clock_timestamp() then
        perform app.fail('INVALID_STATE', 'The hold has run out. Choose a slot again.',
                         jsonb_build_object('status', consultation.status));
    end if;
    return v_hold;
end
$$;

comment on function app.require_live_hold(app.consultations) is
    'The seat that the locked consultation holds, which must not have run out. INVALID_STATE.';
