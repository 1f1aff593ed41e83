create or replace function app.tg_consultations__paid_first()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if not exists (
        select from app.payments p where p.consultation_id = new.id and p.status = 'VERIFIED'
    ) then
        perform app.fail('INVALID_STATE', 'No verified payment stands behind this consultation.');
    end if;
    return null;
end
$$;

comment on function app.tg_consultations__paid_first() is
    'PAID and SCHEDULED are never reached without a VERIFIED payment, whoever tries.';
