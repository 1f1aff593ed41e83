create table app.closures (
    id uuid not null default app.new_id(),
    start_at timestamptz not null,
    end_at timestamptz not null,
    reason text not null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint closures_pkey primary key (id),
    constraint closures_span_check check (end_at > start_at),
    constraint closures_reason_check check (app.content_length(reason) > 0 and length(btrim(reason)) <= 200)
);

create index closures_end_at_idx on app.closures (end_at);

create trigger closures_100_touch before update on app.closures
    for each row execute function app.tg__touch();
create trigger closures_500_log after insert or update or delete on app.closures
    for each row execute function app.tg__log_change('closure', 'start_at', 'end_at');
create trigger closures_600_over_capacity after insert on app.closures
    referencing new table as new_rows
    for each statement execute function app.tg_closures__over_capacity();
create trigger closures_610_over_capacity after update on app.closures
    referencing old table as old_rows new table as new_rows
    for each statement execute function app.tg_closures__over_capacity();

alter table app.closures enable row level security;
alter table app.closures force row level security;
create policy closures_all_owner on app.closures to app_owner using (true) with check (true);
create policy closures_select_admin on app.closures for select to app_admin using (true);

grant select on app.closures to app_admin;

comment on table app.closures is 'Ranges in which the clinic takes no calls; a slot that overlaps one is not offered.';
