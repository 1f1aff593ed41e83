-- The outbox: written in the transaction that caused it, once per event and subject, sent by whichever worker claims
-- it. number is what providers take for de-duplication (Kavenegar's localid is a Long).
create table app.sms_messages (
    id uuid not null default app.new_id(),
    number bigint generated always as identity,
    event text not null,
    subject text not null,
    recipient text not null,
    body text not null,
    status app.sms_status not null default 'QUEUED',
    provider text,
    provider_message_id text,
    error text,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default clock_timestamp(),
    claimed_by text,
    sent_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz,
    delivery app.sms_delivery,
    delivery_due_at timestamptz,
    constraint sms_messages_pkey primary key (id),
    constraint sms_messages_number_key unique (number),
    constraint sms_messages_event_subject_key unique (event, subject),
    constraint sms_messages_recipient_check check (recipient ~ '^09[0-9]{9}$'),
    constraint sms_messages_body_check check (length(body) between 1 and 900),
    constraint sms_messages_delivery_check check (delivery is null or status = 'SENT'),
    constraint sms_messages_delivery_due_check check (delivery_due_at is null or delivery = 'PENDING')
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);

-- Another database of ours may use the same account of the provider (this one before a reset, a staging server): each
-- begins where no other has been, at the microsecond of its making.
select setval('app.sms_messages_number_seq', extract(epoch from clock_timestamp())::bigint * 1000000);

create index sms_messages_queue_idx on app.sms_messages (next_attempt_at) where status = 'QUEUED';
create index sms_messages_expires_at_idx on app.sms_messages (expires_at)
    where status = 'QUEUED' and expires_at is not null;
create index sms_messages_about_idx on app.sms_messages (split_part(subject, ':', 1));  -- an appointment, or a payment
create index sms_messages_delivery_due_at_idx on app.sms_messages (delivery_due_at) where delivery_due_at is not null;

create trigger sms_messages_100_touch before update on app.sms_messages
    for each row execute function app.tg__touch();
create trigger sms_messages_500_announce after insert on app.sms_messages
    for each statement execute function app.tg_sms_messages__announce();

alter table app.sms_messages enable row level security;
alter table app.sms_messages force row level security;
create policy sms_messages_all_owner on app.sms_messages to app_owner using (true) with check (true);
create policy sms_messages_select_admin on app.sms_messages for select to app_admin using (true);

grant select on app.sms_messages to app_admin;

comment on table app.sms_messages is 'Text messages to send, and what became of them.';
comment on column app.sms_messages.next_attempt_at is
    'When it may be claimed; a claim moves it past its lease, so that a dead worker''s messages come back by themselves.';
comment on column app.sms_messages.claimed_by is
    'The worker that took it last and has not said what came of it; still set when the lease ends, that worker is dead.';
comment on column app.sms_messages.body is 'At most 900 characters, Kavenegar''s limit (its error 413).';
comment on column app.sms_messages.expires_at is 'When it is no longer worth sending; null is never.';
comment on column app.sms_messages.delivery is 'Where the provider says it is; null when the provider can''t be asked.';
comment on column app.sms_messages.delivery_due_at is 'When to ask the provider again; null is never.';
