create or replace function app.queue_sms(user_id uuid, event text, subject text, body text)
returns void
language sql
set search_path = ''
as $$
    insert into app.sms_messages (event, subject, recipient, body)
    select queue_sms.event, queue_sms.subject, u.mobile, queue_sms.body from app.users u where u.id = queue_sms.user_id
    on conflict on constraint sms_messages_event_subject_key do nothing
$$;

comment on function app.queue_sms(uuid, text, text, text) is 'Queues a message to the person, once per event and subject.';
