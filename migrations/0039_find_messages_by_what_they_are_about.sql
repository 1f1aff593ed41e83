-- find messages by what they are about
-- depends: 0038_lock_the_doctors_by_one_lock
-- transactional: false

-- alter for sql/app/sms/sms_messages.sql d7e6d4a7ce46
create index concurrently if not exists sms_messages_about_idx on app.sms_messages (split_part(subject, ':', 1));
