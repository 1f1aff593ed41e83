-- A doctor is a person with role DOCTOR and a row here. Capacity follows these rows at once (app.available_doctors).
create table app.doctors (
    id uuid not null default app.new_id(),
    user_id uuid not null,
    display_name text not null,
    is_active boolean not null default true,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint doctors_pkey primary key (id),
    constraint doctors_user_id_key unique (user_id),
    constraint doctors_user_id_fkey foreign key (user_id) references app.users (id),
    constraint doctors_display_name_check
        check (app.content_length(display_name) > 0 and length(btrim(display_name)) <= 100)
);

create trigger doctors_100_touch before update on app.doctors
    for each row execute function app.tg__touch();
create trigger doctors_050_lock before update of is_active on app.doctors
    for each statement execute function app.tg_doctors__lock();
create trigger doctors_500_log after insert or update on app.doctors
    for each row execute function app.tg__log_change('doctor', 'user_id', 'is_active');
create trigger doctors_600_over_capacity after update on app.doctors
    referencing old table as old_rows new table as new_rows
    for each statement execute function app.tg_doctors__over_capacity();

alter table app.doctors enable row level security;
alter table app.doctors force row level security;
create policy doctors_all_owner on app.doctors to app_owner using (true) with check (true);
create policy doctors_select_signed_in on app.doctors for select to app_user, app_doctor, app_admin using (true);

-- NOTE: user_id is not granted to owners and doctors: they see a name, not an account.
grant select (id, display_name, is_active) on app.doctors to app_user, app_doctor;
grant select on app.doctors to app_admin;

comment on table app.doctors is 'Veterinarians who take calls.';
