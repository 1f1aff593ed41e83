-- Definer, because policies use it: a policy that read app.doctors itself would need user_id granted to doctors.
create or replace function app.current_doctor_id()
returns uuid
language sql
stable
security definer
set search_path = ''
as $$
    select d.id from app.doctors d where d.user_id = app.current_user_id()
$$;

comment on function app.current_doctor_id() is 'The signed-in person''s id as a doctor; null for others.';
grant execute on function app.current_doctor_id() to app_doctor;
