-- What a doctor may see, for all policies at once. Definer, because policies that looked at each other's tables would
-- recurse; PL/pgSQL, because the tables are made after the policies that use this.
create or replace function app.assigned_consultations()
returns table (consultation_id uuid, user_id uuid, pet_id uuid)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return query
    select c.id, c.user_id, c.pet_id
    from app.appointments a
    join app.consultations c on c.id = a.consultation_id
    where a.doctor_id = app.current_doctor_id() and a.status <> 'CANCELED';
end
$$;

comment on function app.assigned_consultations() is 'The consultations in which the signed-in doctor has the appointment.';
grant execute on function app.assigned_consultations() to app_doctor;
