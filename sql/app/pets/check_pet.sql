create or replace function app.check_pet(type app.pet_type, name text, breed text, birth_date date)
returns void
language sql
stable
set search_path = ''
as $$
    select app.fail_validation(jsonb_build_object(
        'type', case when type is null then 'Give DOG, CAT or OTHER.' end,
        'name', app.name_fault(name),
        'breed', case when length(btrim(breed)) > 100 then 'At most 100 characters.' end,
        'birth_date', case when birth_date not between '1970-01-01' and current_date + 1
            then 'Give a day in the past.' end))
$$;

comment on function app.check_pet(app.pet_type, text, text, date) is 'VALIDATION_FAILED with the fields of a pet that are wrong.';
