create or replace view api.admin_config with (security_invoker = true) as
select
    c.tz, c.open_weekdays, c.start_hour, c.end_hour, c.slot_minutes, c.hold_minutes, c.payment_window_minutes,
    c.price_toman, c.booking_horizon_days, c.max_live_holds, c.cooldown_after_expired_holds, c.cooldown_minutes,
    c.consultation_ttl_hours, c.doctor_assignment, c.reminder_minutes, c.sms_confirmed_template,
    c.sms_slot_lost_template, c.sms_moved_template, c.sms_canceled_template, c.sms_reminder_template, c.version,
    c.updated_at, c.message_retention_days, c.medical_retention_days
from app.system_config c;

grant select on api.admin_config to app_admin;

comment on view api.admin_config is E'The clinic''s settings\n\nOne row, for admins. Weekdays are ISO
numbers (Monday = 1 to Sunday = 7), hours those of the zone tz, prices in toman; the templates'' placeholders are in
docs/sms.md. Changed by rpc/update_config.';
