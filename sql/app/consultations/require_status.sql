create or replace function app.require_status(
    consultation app.consultations,
    variadic allowed app.consultation_status[]
)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if not consultation.status = any (allowed) then
        perform app.fail('INVALID_STATE', 'The consultation is not in a state that allows this.',
                         jsonb_build_object('status', consultation.status, 'allowed', allowed));
    end if;
end
$$;

comment on function app.require_status(app.consultations, app.consultation_status[]) is
    'INVALID_STATE unless the consultation is in one of these states.';
