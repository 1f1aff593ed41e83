-- A provider that refuses us (a wrong key, no credit) refuses every message alike: sending stops, for all workers, and
-- the queue keeps. From time to time one message is sent as a probe; the first that goes through ends the outage.
create table app.sms_outages (
    id uuid not null default app.new_id(),
    provider text not null,
    reason text not null,
    failures integer not null default 1,
    next_probe_at timestamptz not null default clock_timestamp() + interval '30 seconds',
    probe_id uuid,
    ended_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint sms_outages_pkey primary key (id),
    constraint sms_outages_probe_id_fkey foreign key (probe_id) references app.sms_messages (id) on delete set null
);

create unique index sms_outages_open_key on app.sms_outages ((ended_at is null)) where ended_at is null;
create index sms_outages_probe_id_idx on app.sms_outages (probe_id) where probe_id is not null;

create trigger sms_outages_100_touch before update on app.sms_outages
    for each row execute function app.tg__touch();

alter table app.sms_outages enable row level security;
alter table app.sms_outages force row level security;
create policy sms_outages_all_owner on app.sms_outages to app_owner using (true) with check (true);
create policy sms_outages_select_admin on app.sms_outages for select to app_admin using (true);

grant select on app.sms_outages to app_admin;

comment on table app.sms_outages is 'Times in which the SMS provider refused us, the open one among them; at most one is.';
comment on column app.sms_outages.failures is 'How many messages in a row were refused: the pauses grow with it.';
comment on column app.sms_outages.probe_id is 'The message that is being sent to see whether it is over.';
