-- The clinic's settings: one row. The environment gives its first values; after that the row is the truth.
create table app.system_config (
    is_the_only_row boolean not null default true,
    tz text not null default 'Asia/Tehran',
    open_weekdays smallint[] not null default '{6,1,3}',
    start_hour smallint not null default 17,
    end_hour smallint not null default 21,
    slot_minutes smallint not null default 30,
    hold_minutes smallint not null default 15,
    payment_window_minutes smallint not null default 15,
    price_toman bigint not null default 280000,
    booking_horizon_days smallint not null default 60,
    max_live_holds smallint not null default 2,
    cooldown_after_expired_holds smallint not null default 3,
    cooldown_minutes smallint not null default 60,
    consultation_ttl_hours smallint not null default 48,
    doctor_assignment app.assignment_policy not null default 'ROUND_ROBIN',
    sms_confirmed_template text not null default
        'پرداخت شما برای مشاوره تخصصی ثبت شد. زمان: {date} ساعت {time}. شناسه: {consultationId}. ممنونیم.',
    sms_slot_lost_template text not null default
        'پرداخت شما ثبت شد، اما زمان انتخابی دیگر در دسترس نیست. لطفاً زمان دیگری انتخاب کنید. شناسه: {consultationId}',
    configured_at timestamptz,
    updated_at timestamptz not null default clock_timestamp(),
    sms_moved_template text not null default
        'نوبت مشاوره شما از {previousDate} ساعت {previousTime} به {weekday} {date} ساعت {time} منتقل شد. شناسه: {consultationId}',
    sms_canceled_template text not null default
        'نوبت مشاوره شما در {date} ساعت {time} از سوی کلینیک لغو شد. در صورت پرداخت، مبلغ بازگردانده می‌شود. شناسه: {consultationId}',
    sms_reminder_template text not null default
        'یادآوری: نوبت مشاوره تلفنی شما {weekday} {date} ساعت {time} است. لطفاً در دسترس باشید.',
    reminder_minutes smallint,
    version integer not null default 1,
    message_retention_days smallint not null default 365,
    medical_retention_days smallint,
    constraint system_config_pkey primary key (is_the_only_row),
    constraint system_config_one_row_check check (is_the_only_row),
    constraint system_config_tz_check  -- no digits: PostgreSQL would take Tehran5 for a zone of its own making
        check (tz ~ '^[A-Za-z_]+(/[A-Za-z_-]+)*$' and timezone(tz, timestamptz '2026-01-01 00:00+00') is not null),
    constraint system_config_open_weekdays_check  -- each once: who names a day twice has meant another
        check (
            open_weekdays <@ '{1,2,3,4,5,6,7}'::smallint[] and cardinality(open_weekdays) > 0
            and cardinality(open_weekdays) = (1 = any (open_weekdays))::int + (2 = any (open_weekdays))::int
                + (3 = any (open_weekdays))::int + (4 = any (open_weekdays))::int + (5 = any (open_weekdays))::int
                + (6 = any (open_weekdays))::int + (7 = any (open_weekdays))::int),
    constraint system_config_hours_check check (start_hour >= 0 and start_hour < end_hour and end_hour <= 24),
    constraint system_config_slot_minutes_check
        check (slot_minutes between 5 and 240 and slot_minutes <= (end_hour - start_hour) * 60),
    constraint system_config_hold_minutes_check check (hold_minutes between 1 and 120),
    constraint system_config_payment_window_check check (payment_window_minutes between 1 and 120),
    constraint system_config_price_check check (price_toman between 1000 and 100000000),
    constraint system_config_horizon_check check (booking_horizon_days between 1 and 365),
    constraint system_config_max_live_holds_check check (max_live_holds between 1 and 20),
    constraint system_config_cooldown_check
        check (cooldown_after_expired_holds between 1 and 100 and cooldown_minutes between 1 and 1440),
    constraint system_config_ttl_check check (consultation_ttl_hours between 1 and 720),
    constraint system_config_sms_confirmed_check
        check (app.is_sms_template(sms_confirmed_template) and sms_confirmed_template like '%{date}%'),
    constraint system_config_sms_slot_lost_check check (app.is_sms_template(sms_slot_lost_template)),
    constraint system_config_sms_moved_check check (app.is_sms_template(sms_moved_template, is_move => true)),
    constraint system_config_sms_canceled_check check (app.is_sms_template(sms_canceled_template)),
    constraint system_config_sms_reminder_check check (app.is_sms_template(sms_reminder_template)),
    constraint system_config_reminder_minutes_check check (reminder_minutes between 10 and 10080),
    constraint system_config_message_retention_check check (message_retention_days between 30 and 3650),
    constraint system_config_medical_retention_check check (medical_retention_days between 30 and 3650)
);

insert into app.system_config default values;

create trigger system_config_110_version before update on app.system_config
    for each row execute function app.tg__version();
create trigger system_config_500_log after update on app.system_config
    for each row execute function app.tg__log_change(
        'config', 'tz', 'open_weekdays', 'start_hour', 'end_hour', 'slot_minutes', 'hold_minutes',
        'payment_window_minutes', 'price_toman', 'booking_horizon_days', 'max_live_holds',
        'cooldown_after_expired_holds', 'cooldown_minutes', 'consultation_ttl_hours', 'doctor_assignment',
        'reminder_minutes');

alter table app.system_config enable row level security;
alter table app.system_config force row level security;
create policy system_config_all_owner on app.system_config to app_owner using (true) with check (true);
create policy system_config_select_admin on app.system_config for select to app_admin using (true);

grant select on app.system_config to app_admin;

comment on table app.system_config is 'The clinic''s settings, one row.';
comment on column app.system_config.tz is 'IANA zone in which days, hours and weekdays are meant.';
comment on column app.system_config.open_weekdays is
    'ISO weekday numbers, Monday = 1 to Sunday = 7; {6,1,3} is Saturday, Monday, Wednesday.';
comment on column app.system_config.configured_at is
    'When the environment gave the first values; it is not read again after that.';
comment on column app.system_config.payment_window_minutes is
    'From the moment the owner is sent to the gateway; the hold is extended to it once.';
comment on column app.system_config.price_toman is
    'At most 100,000,000 toman, Zarinpal''s limit for one payment (its error -41).';
comment on column app.system_config.sms_confirmed_template is
    'The placeholders of this and the other templates, and what is refused: docs/sms.md.';
comment on column app.system_config.reminder_minutes is
    'How long before an appointment its owner is reminded: ten minutes to a week; null is not at all.';
comment on column app.system_config.message_retention_days is 'After so many days SMS and notifications are deleted.';
comment on column app.system_config.medical_retention_days is
    'So many days after a consultation was made, if it has ended, its texts and files are deleted; null is never.';

-- What an admin is told who breaks it (app.config_faults).
comment on constraint system_config_tz_check on app.system_config is 'is not a time zone, such as Asia/Tehran';
comment on constraint system_config_open_weekdays_check on app.system_config is
    'must be at least one of the numbers 1 (Monday) to 7 (Sunday), each once';
comment on constraint system_config_hours_check on app.system_config is
    'must be hours from 0 to 24, the end after the start';
comment on constraint system_config_slot_minutes_check on app.system_config is
    'slots must take 5 to 240 minutes, and fit between the start and the end hour';
comment on constraint system_config_hold_minutes_check on app.system_config is 'must be 1 to 120';
comment on constraint system_config_payment_window_check on app.system_config is 'must be 1 to 120';
comment on constraint system_config_price_check on app.system_config is 'must be 1000 to 100000000 toman';
comment on constraint system_config_horizon_check on app.system_config is 'must be 1 to 365';
comment on constraint system_config_max_live_holds_check on app.system_config is 'must be 1 to 20';
comment on constraint system_config_cooldown_check on app.system_config is
    'must be 1 to 100 holds, and 1 to 1440 minutes';
comment on constraint system_config_ttl_check on app.system_config is 'must be 1 to 720';
comment on constraint system_config_sms_confirmed_check on app.system_config is
    'must hold {date}, no placeholder that is not known, and at most 900 characters when filled in';
comment on constraint system_config_sms_slot_lost_check on app.system_config is
    'must not be empty, hold a placeholder that is not known, or be longer than 900 characters when filled in';
comment on constraint system_config_sms_moved_check on app.system_config is
    'must not be empty, hold a placeholder that is not known, or be longer than 900 characters when filled in';
comment on constraint system_config_sms_canceled_check on app.system_config is
    'must not be empty, hold a placeholder that is not known, or be longer than 900 characters when filled in';
comment on constraint system_config_sms_reminder_check on app.system_config is
    'must not be empty, hold a placeholder that is not known, or be longer than 900 characters when filled in';
comment on constraint system_config_reminder_minutes_check on app.system_config is
    'must be 10 to 10080, or null for no reminders';
comment on constraint system_config_message_retention_check on app.system_config is 'must be 30 to 3650';
comment on constraint system_config_medical_retention_check on app.system_config is
    'must be 30 to 3650, or null to keep them';
