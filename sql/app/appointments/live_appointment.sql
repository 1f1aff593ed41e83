create or replace function app.live_appointment(consultation_id uuid)
returns app.appointments
language sql
stable
set search_path = ''
as $$
    select a.* from app.appointments a
    where a.consultation_id = live_appointment.consultation_id and a.status in ('HELD', 'CONFIRMED')
$$;

comment on function app.live_appointment(uuid) is 'The consultation''s held or confirmed appointment, or null.';
