create or replace function api.create_pet(
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
    v_pet_id uuid;
    v_result api.pets;
begin
    perform app.check_pet(type, name, breed, birth_date);
    insert into app.pets as p (user_id, type, name, breed, gender, neutered, birth_date)
    values (app.lock_account(), create_pet.type, btrim(create_pet.name), app.said(create_pet.breed),
            coalesce(create_pet.gender, 'UNKNOWN'), create_pet.neutered, create_pet.birth_date)
    returning p.id into v_pet_id;
    perform app.audit('PET_CREATED', 'pet', v_pet_id);
    select p.* into v_result from api.pets p where p.id = v_pet_id;
    return v_result;
end
$$;

comment on function api.create_pet(app.pet_type, text, text, app.pet_gender, boolean, date) is
E'Register a pet\n\nGives the pet. type and name are required; gender is UNKNOWN when not given; birth_date is a Gregorian
date. VALIDATION_FAILED. For owners.';
grant execute on function api.create_pet(app.pet_type, text, text, app.pet_gender, boolean, date) to app_user;
