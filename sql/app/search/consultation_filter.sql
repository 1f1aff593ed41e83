create type app.consultation_filter as (
    status app.consultation_status,
    of_status uuid[],
    since timestamptz,
    until timestamptz,
    who app.person_filter,
    pet_type app.pet_type,
    pets uuid[],
    doctor_id uuid,
    of_doctor uuid[]
);

comment on type app.consultation_filter is
    'Which consultations are meant: nulls mean all. of_status and of_doctor are ids of consultations, pets those of the pet_type,
each where they are not too many (app.few).';
