create or replace function app.read_consultation_filter(
    status app.consultation_status default null,
    "from" date default null,
    "to" date default null,
    mobile text default null,
    name text default null,
    pet_type app.pet_type default null,
    doctor_id uuid default null
)
returns app.consultation_filter
language plpgsql
stable
set search_path = ''
as $$
declare
    v_filter app.consultation_filter;
begin
    select p.since, p.until into v_filter.since, v_filter.until from app.read_period("from", "to") p;
    v_filter.who := app.read_person_filter(mobile, name);
    if status is not null then
        v_filter.status := status;
        v_filter.of_status := app.few(array(
            select c.id from app.consultations c where c.status = read_consultation_filter.status limit 5001));
    end if;
    if pet_type is not null then
        v_filter.pet_type := pet_type;
        v_filter.pets := app.few(array(
            select p.id from app.pets p where p.type = read_consultation_filter.pet_type limit 5001));
    end if;
    if doctor_id is not null then
        v_filter.doctor_id := doctor_id;
        v_filter.of_doctor := app.few(array(
            select a.consultation_id from app.appointments a
            where a.doctor_id = read_consultation_filter.doctor_id and a.status <> 'CANCELED'
            limit 5001));
    end if;
    return v_filter;
end
$$;

comment on function app.read_consultation_filter(
    app.consultation_status, date, date, text, text, app.pet_type, uuid) is
    'Reads the filters of lists and exports of consultations (see rpc/search_consultations). VALIDATION_FAILED.';
grant execute on function app.read_consultation_filter(
    app.consultation_status, date, date, text, text, app.pet_type, uuid) to app_admin;
