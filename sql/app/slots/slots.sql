-- One row per slot that was ever held. Its capacity is the ceiling that the appointments' lanes are checked against
-- (G1); today's number of doctors may be lower, and then app.take_seat refuses before the ceiling does. A slot is
-- retired by capacity 0, so that a new grid may overlap it.
create table app.slots (
    id uuid not null default app.new_id(),
    start_at timestamptz not null,
    end_at timestamptz not null,
    capacity smallint not null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint slots_pkey primary key (id),
    constraint slots_span_check check (end_at > start_at and end_at - start_at <= interval '4 hours'),
    constraint slots_capacity_check check (capacity >= 0),
    constraint slots_seat_key unique (id, capacity, start_at, end_at),
    constraint slots_no_overlap_excl
        exclude using gist (tstzrange(start_at, end_at) with &&) where (capacity > 0)
);

create index slots_start_at_idx on app.slots (start_at);

create trigger slots_100_touch before update on app.slots
    for each row execute function app.tg__touch();

alter table app.slots enable row level security;
alter table app.slots force row level security;
create policy slots_all_owner on app.slots to app_owner using (true) with check (true);
create policy slots_select_admin on app.slots for select to app_admin using (true);

grant select on app.slots to app_admin;

comment on table app.slots is 'Half-hours (or what the grid was) that somebody held at least once.';
