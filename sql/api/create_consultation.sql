create or replace function api.create_consultation(
    pet_id uuid default null,
    type app.consultation_type default 'SPECIALIST'
)
returns api.consultations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_pet app.pets;
    v_id uuid;
begin
    perform app.fail_validation(jsonb_build_object('pet_id', case when pet_id is null then 'Give the pet''s id.' end));
    perform app.lock_account();
    v_pet := app.lock_own_pet(pet_id);  -- against a deletion of the pet at the same moment
    insert into app.consultations as c (user_id, pet_id, type, base_price_toman)
    select v_pet.user_id, v_pet.id, coalesce(create_consultation.type, 'SPECIALIST'), s.price_toman
    from app.system_config s
    returning c.id into v_id;
    return app.show_consultation(v_id);
end
$$;

comment on function api.create_consultation(uuid, app.consultation_type) is
E'Begin a consultation\n\nA DRAFT for one of the caller''s pets, at today''s price. Gives the consultation. NOT_FOUND,
VALIDATION_FAILED. For owners.';
grant execute on function api.create_consultation(uuid, app.consultation_type) to app_user;
