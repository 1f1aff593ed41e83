-- What a gateway lists as paid and unverified and we never asked for: another shop on the same merchant id, or a loss
-- of ours. One row, and one notification, an authority.
create table app.unknown_authorities (
    provider app.payment_provider not null,
    authority text not null,
    created_at timestamptz not null default clock_timestamp(),
    constraint unknown_authorities_pkey primary key (provider, authority)
);

alter table app.unknown_authorities enable row level security;
alter table app.unknown_authorities force row level security;
create policy unknown_authorities_all_owner on app.unknown_authorities to app_owner using (true) with check (true);
create policy unknown_authorities_select_admin on app.unknown_authorities for select to app_admin using (true);

grant select on app.unknown_authorities to app_admin;

comment on table app.unknown_authorities is 'Authorities that a gateway holds money under and that are not ours.';
