create or replace function app.queue_sms(
    user_id uuid, event text, subject text, body text, expires_at timestamptz default null
)
returns boolean
language sql
set search_path = ''
as $$
    with queued as (
        insert into app.sms_messages (event, subject, recipient, body, expires_at)
        select queue_sms.event, queue_sms.subject, u.mobile, queue_sms.body, queue_sms.expires_at
        from app.users u
        where u.id = queue_sms.user_id and u.erased_at is null
        on conflict on constraint sms_messages_event_subject_key do nothing
        returning 1
    )
    select exists (select from queued)
$$;

comment on function app.queue_sms(uuid, text, text, text, timestamptz) is
    'Queues a message to the person, once per event and subject; tells whether this was the once.';
