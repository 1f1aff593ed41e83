create or replace function app.lock_own_pet(pet_id uuid)
returns app.pets
language plpgsql
set search_path = ''
as $$
declare
    v_pet app.pets;
begin
    select p.* into v_pet from app.pets p
    where p.id = pet_id and p.user_id = app.current_user_id() and p.deleted_at is null
    for no key update;
    if not found then
        perform app.fail('NOT_FOUND', 'There is no such pet.');
    end if;
    return v_pet;
end
$$;

comment on function app.lock_own_pet(uuid) is 'Locks the caller''s own pet. NOT_FOUND.';
