create table app.doctor_absences (
    id uuid not null default app.new_id(),
    doctor_id uuid not null,
    start_at timestamptz not null,
    end_at timestamptz not null,
    reason text,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint doctor_absences_pkey primary key (id),
    constraint doctor_absences_doctor_id_fkey foreign key (doctor_id) references app.doctors (id),
    constraint doctor_absences_span_check check (end_at > start_at)
);

create index doctor_absences_doctor_id_idx on app.doctor_absences (doctor_id, end_at);

create trigger doctor_absences_100_touch before update on app.doctor_absences
    for each row execute function app.tg__touch();
create trigger doctor_absences_500_log after insert or update or delete on app.doctor_absences
    for each row execute function app.tg__log_change('absence', 'doctor_id', 'start_at', 'end_at');
create trigger doctor_absences_600_over_capacity after insert on app.doctor_absences
    referencing new table as new_rows
    for each statement execute function app.tg_doctor_absences__over_capacity();
create trigger doctor_absences_610_over_capacity after update on app.doctor_absences
    referencing old table as old_rows new table as new_rows
    for each statement execute function app.tg_doctor_absences__over_capacity();

alter table app.doctor_absences enable row level security;
alter table app.doctor_absences force row level security;
create policy doctor_absences_all_owner on app.doctor_absences to app_owner using (true) with check (true);
create policy doctor_absences_select_admin on app.doctor_absences for select to app_admin using (true);

grant select on app.doctor_absences to app_admin;

comment on table app.doctor_absences is 'A doctor''s time off: who overlaps a slot does not count for its capacity.';
