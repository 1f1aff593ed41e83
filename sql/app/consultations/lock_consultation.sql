create or replace function app.lock_consultation(consultation_id uuid)
returns app.consultations
language plpgsql
set search_path = ''
as $$
declare
    v_consultation app.consultations;
begin
    select c.* into v_consultation
    from app.consultations c
    where c.id = consultation_id and c.deleted_at is null
    for no key update;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such consultation.');
    end if;
    return v_consultation;
end
$$;

comment on function app.lock_consultation(uuid) is 'Locks a consultation, whosever it is. NOT_FOUND.';
