-- The outbox of deletions: written in the transaction that makes an object superfluous, done by whichever worker claims
-- it. A claim moves next_attempt_at past its lease, so that what a dead worker took comes back by itself.
create table app.object_deletions (
    object_key text not null,
    reason app.deletion_reason not null,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default clock_timestamp(),
    created_at timestamptz not null default clock_timestamp(),
    constraint object_deletions_pkey primary key (object_key)
);

create index object_deletions_next_attempt_at_idx on app.object_deletions (next_attempt_at);

alter table app.object_deletions enable row level security;
alter table app.object_deletions force row level security;
create policy object_deletions_all_owner on app.object_deletions to app_owner using (true) with check (true);

comment on table app.object_deletions is 'Objects that are to be deleted from the bucket; a row goes when its object is gone.';
comment on column app.object_deletions.next_attempt_at is
    'When it may be claimed. Not before the object''s signed URL has ended: until then a client could write it again.';
