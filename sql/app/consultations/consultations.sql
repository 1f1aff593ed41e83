-- One request for a call, from its first word to its end. Its row is the lock for everything that belongs to it:
-- appointments and payments change only while it is held FOR NO KEY UPDATE.
create table app.consultations (
    id uuid not null default app.new_id(),
    user_id uuid not null,
    pet_id uuid not null,
    type app.consultation_type not null default 'SPECIALIST',
    status app.consultation_status not null default 'DRAFT',
    base_price_toman bigint not null,
    currency app.currency not null default 'TOMAN',
    message_text text,
    voice_media_id uuid,
    expires_at timestamptz,
    version integer not null default 1,
    deleted_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint consultations_pkey primary key (id),
    constraint consultations_id_user_id_key unique (id, user_id),
    constraint consultations_pet_id_fkey foreign key (pet_id, user_id) references app.pets (id, user_id),
    constraint consultations_base_price_check check (base_price_toman > 0),
    constraint consultations_message_text_check check (length(btrim(message_text)) between 20 and 5000),
    constraint consultations_expires_at_check
        check ((expires_at is not null) = (status in ('DRAFT', 'DETAILS_SUBMITTED')))
);

-- Under row-level security the planner does not look which values are frequent. Told that each is rare, it gathers
-- the rows of one by its index (app.few stops at 5001).
alter table app.consultations alter column status set (n_distinct = 1000);

create index consultations_user_id_idx on app.consultations (user_id, created_at desc, id desc);
create index consultations_created_at_idx on app.consultations (created_at desc, id desc);
create index consultations_status_idx on app.consultations (status);
create index consultations_pet_id_idx on app.consultations (pet_id, user_id);
create index consultations_voice_media_id_idx on app.consultations (voice_media_id) where voice_media_id is not null;
create index consultations_expires_at_idx on app.consultations (expires_at) where expires_at is not null;

create trigger consultations_110_version before update on app.consultations
    for each row execute function app.tg__version();
create trigger consultations_120_expiry before insert or update of status on app.consultations
    for each row execute function app.tg_consultations__expiry();
create trigger consultations_500_first_state after insert on app.consultations
    for each row execute function app.tg__first_state('consultation', 'base_price_toman');
create trigger consultations_510_transition after update on app.consultations
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('consultation');
create trigger consultations_520_paid_first after update on app.consultations
    for each row when (new.status in ('PAID', 'SCHEDULED') and old.status is distinct from new.status)
    execute function app.tg_consultations__paid_first();
create trigger consultations_530_drop_media after update on app.consultations
    for each row when (
        (new.status = 'EXPIRED' and old.status is distinct from new.status)
        or (new.deleted_at is not null and old.deleted_at is null))
    execute function app.tg_consultations__drop_media();

alter table app.consultations enable row level security;
alter table app.consultations force row level security;
create policy consultations_all_owner on app.consultations to app_owner using (true) with check (true);
create policy consultations_select_user on app.consultations for select to app_user
    using (user_id = (select app.current_user_id()));
create policy consultations_select_doctor on app.consultations for select to app_doctor using (
    id = any (array(select a.consultation_id from app.assigned_consultations() a))
);
create policy consultations_select_admin on app.consultations for select to app_admin using (true);

grant select on app.consultations to app_user, app_doctor, app_admin;

comment on table app.consultations is 'Requests for a consultation by telephone.';
comment on column app.consultations.base_price_toman is 'The price of the day it was made: what will be charged.';
comment on column app.consultations.expires_at is
    'Runs from the entry into DRAFT or DETAILS_SUBMITTED; null in every other state.';
