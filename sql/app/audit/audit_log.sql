-- Who changed what, written in the transaction of the change and never altered. meta holds ids, states and amounts,
-- no names, mobiles or texts, so that erasing a person needs no change of it. No foreign key on the actor: the log
-- outlives what it speaks of.
create table app.audit_log (
    id uuid not null default app.new_id(),
    actor_user_id uuid,
    action text not null,
    entity_type text not null,
    entity_id uuid,
    meta jsonb not null default '{}',
    created_at timestamptz not null default clock_timestamp(),
    constraint audit_log_pkey primary key (id),
    constraint audit_log_action_check check (action ~ '^[A-Z][A-Z_]+$')
);

create index audit_log_entity_id_idx on app.audit_log (entity_id, id);

create trigger audit_log_100_append_only before update or delete or truncate on app.audit_log
    for each statement execute function app.tg__keep();

alter table app.audit_log enable row level security;
alter table app.audit_log force row level security;
create policy audit_log_all_owner on app.audit_log to app_owner using (true) with check (true);
create policy audit_log_select_admin on app.audit_log for select to app_admin using (true);

grant select on app.audit_log to app_admin;

comment on table app.audit_log is 'Append-only record of every change of state.';
comment on column app.audit_log.actor_user_id is 'From the token; null when the system acted.';
comment on column app.audit_log.meta is 'request_id, ip, from, to, and the ids and amounts concerned.';
