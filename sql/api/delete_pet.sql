create or replace function api.delete_pet(pet_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_pet app.pets := app.lock_own_pet(pet_id);
begin
    if exists (
        select from app.consultations c
        where c.pet_id = v_pet.id and c.deleted_at is null and c.status not in ('COMPLETED', 'CANCELED', 'EXPIRED')
    ) then
        perform app.fail('INVALID_STATE', 'A consultation about this pet is still open.');
    end if;
    update app.pets p set deleted_at = clock_timestamp() where p.id = v_pet.id;
    perform app.audit('PET_DELETED', 'pet', v_pet.id);
end
$$;

comment on function api.delete_pet(uuid) is
E'Delete a pet\n\nRefused while a consultation about it is open. NOT_FOUND, INVALID_STATE. For owners.';
grant execute on function api.delete_pet(uuid) to app_user;
