create or replace function app.show_consultation(consultation_id uuid)
returns api.consultations
language sql
stable
set search_path = ''
as $$
    select c.* from api.consultations c where c.id = consultation_id
$$;

comment on function app.show_consultation(uuid) is 'The consultation as the api shows it.';
