create table app.pets (
    id uuid not null default app.new_id(),
    user_id uuid not null,
    type app.pet_type not null,
    name text not null,
    breed text,
    gender app.pet_gender not null default 'UNKNOWN',
    neutered boolean,
    birth_date date,
    deleted_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint pets_pkey primary key (id),
    constraint pets_id_user_id_key unique (id, user_id),
    constraint pets_user_id_fkey foreign key (user_id) references app.users (id),
    constraint pets_name_check check (app.content_length(name) > 0 and length(btrim(name)) <= 100),
    constraint pets_breed_check check (app.content_length(breed) > 0 and length(btrim(breed)) <= 100)
);

create index pets_user_id_idx on app.pets (user_id, id);
create index pets_type_idx on app.pets (type);

create trigger pets_100_touch before update on app.pets
    for each row execute function app.tg__touch();

alter table app.pets enable row level security;
alter table app.pets force row level security;
create policy pets_all_owner on app.pets to app_owner using (true) with check (true);
create policy pets_select_user on app.pets for select to app_user using (user_id = (select app.current_user_id()));
create policy pets_select_doctor on app.pets for select to app_doctor using (
    id = any (array(select a.pet_id from app.assigned_consultations() a))
);
create policy pets_select_admin on app.pets for select to app_admin using (true);

-- NOTE: no insert, update or delete is granted: pets are written through the functions of schema api.
grant select on app.pets to app_user, app_doctor, app_admin;

comment on table app.pets is 'The animals. Deleting one hides it (deleted_at): consultations still speak of it.';
comment on column app.pets.neutered is 'null: not known.';
