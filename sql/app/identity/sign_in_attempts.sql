-- The moments of the latest attempts per mobile and address: counted here so that replicas of the sidecar agree.
create table app.sign_in_attempts (
    mobile text not null,
    ip text not null,
    attempted_at timestamptz[] not null default '{}',
    updated_at timestamptz not null default clock_timestamp(),
    constraint sign_in_attempts_pkey primary key (mobile, ip)
);

create index sign_in_attempts_updated_at_idx on app.sign_in_attempts (updated_at);

alter table app.sign_in_attempts enable row level security;
alter table app.sign_in_attempts force row level security;
create policy sign_in_attempts_all_owner on app.sign_in_attempts to app_owner using (true) with check (true);

comment on table app.sign_in_attempts is 'Sliding window of sign-in attempts, five a minute per mobile and address.';
