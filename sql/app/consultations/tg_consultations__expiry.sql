create or replace function app.tg_consultations__expiry()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if tg_op = 'UPDATE' and new.status = old.status then
        return new;
    end if;
    new.expires_at := null;
    if new.status in ('DRAFT', 'DETAILS_SUBMITTED') then
        select clock_timestamp() + make_interval(hours => c.consultation_ttl_hours) into new.expires_at
        from app.system_config c;
    end if;
    return new;
end
$$;

comment on function app.tg_consultations__expiry() is
    'Starts the clock on the entry into DRAFT or DETAILS_SUBMITTED and stops it on leaving them.';
