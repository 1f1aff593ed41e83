-- What waits still, for a provider that is down or to be tried again, tells of a time that is none any more. Sent after
-- the news, it would be what the owner believes. What is being sent at this moment is left to whoever sends it.
create or replace function app.outdate_sms(appointment_id uuid, event text, subject text)
returns void
language sql
set search_path = ''
as $$
    update app.sms_messages m set expires_at = clock_timestamp()
    where m.id = any (array(
        select q.id from app.sms_messages q
        where q.status = 'QUEUED' and split_part(q.subject, ':', 1) = appointment_id::text
          and (q.event, q.subject) <> (outdate_sms.event, outdate_sms.subject)
        for no key update skip locked))
$$;

comment on function app.outdate_sms(uuid, text, text) is
    'Makes what was written about the appointment before this message, and was not sent, no longer worth sending.';
