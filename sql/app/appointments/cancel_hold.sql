create or replace function app.cancel_hold(consultation_id uuid, reason app.cancel_reason)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
    update app.appointments a set status = 'CANCELED', cancel_reason = reason
    where a.consultation_id = cancel_hold.consultation_id and a.status = 'HELD';
    return found;
end
$$;

comment on function app.cancel_hold(uuid, app.cancel_reason) is
    'Gives up the seat that the locked consultation holds; false when it holds none.';
