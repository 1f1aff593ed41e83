-- What the hourly look for violated guarantees found: app.invariants() reads all tables, so that a monitor that asks
-- every few seconds gets the figure from here.
create table app.invariant_checks (
    is_the_only_row boolean not null default true,
    violations bigint not null,
    checked_at timestamptz not null default clock_timestamp(),
    constraint invariant_checks_pkey primary key (is_the_only_row),
    constraint invariant_checks_one_row_check check (is_the_only_row)
);

alter table app.invariant_checks enable row level security;
alter table app.invariant_checks force row level security;
create policy invariant_checks_all_owner on app.invariant_checks to app_owner using (true) with check (true);

comment on table app.invariant_checks is 'When the guarantees were last checked, and how often they were violated; one row.';
