create or replace function api.replace_pet(
    pet_id uuid,
    type app.pet_type default null,
    name text default null,
    breed text default null,
    gender app.pet_gender default 'UNKNOWN',
    neutered boolean default null,
    birth_date date default null
)
returns api.pets
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_pet app.pets := app.lock_own_pet(pet_id);
    v_result api.pets;
begin
    perform app.check_pet(type, name, breed, birth_date);
    update app.pets p
    set type = replace_pet.type, name = btrim(replace_pet.name), breed = app.said(replace_pet.breed),
        gender = coalesce(replace_pet.gender, 'UNKNOWN'), neutered = replace_pet.neutered,
        birth_date = replace_pet.birth_date
    where p.id = v_pet.id;
    perform app.audit('PET_REPLACED', 'pet', v_pet.id);
    select p.* into v_result from api.pets p where p.id = v_pet.id;
    return v_result;
end
$$;

comment on function api.replace_pet(uuid, app.pet_type, text, text, app.pet_gender, boolean, date) is
E'Replace a pet\n\nWhat is not given becomes null (gender UNKNOWN). Gives the pet. NOT_FOUND, VALIDATION_FAILED. For owners.';
grant execute on function api.replace_pet(uuid, app.pet_type, text, text, app.pet_gender, boolean, date) to app_user;
