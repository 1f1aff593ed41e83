create or replace view api.pets with (security_invoker = true) as
select p.id, p.user_id, p.type, p.name, p.breed, p.gender, p.neutered, p.birth_date, p.created_at, p.updated_at
from app.pets p
where p.deleted_at is null;

grant select on api.pets to app_user, app_doctor, app_admin;

comment on view api.pets is E'Pets\n\nOwners see their own, doctors those of their consultations, admins all. Written by
rpc/create_pet, rpc/replace_pet and rpc/delete_pet.';
