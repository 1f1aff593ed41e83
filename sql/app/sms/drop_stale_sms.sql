-- A reminder may have waited for the provider for days; the appointment is looked at again just before sending.
create or replace function app.drop_stale_sms()
returns void
language sql
set search_path = ''
as $$
    update app.sms_messages m set status = 'FAILED', error = 'it was no longer worth sending'
    where m.id = any (array(
        select q.id
        from app.sms_messages q
        where q.status = 'QUEUED' and q.expires_at is not null and q.next_attempt_at <= (select clock_timestamp())
          and (q.expires_at <= (select clock_timestamp())
               or case when q.event = 'APPOINTMENT_REMINDER' then not exists (
                   select from app.appointments a
                   where a.id = split_part(q.subject, ':', 1)::uuid and a.status = 'CONFIRMED'
                     and app.reminder_subject(a) = q.subject
               ) end)
        for update skip locked))
$$;

comment on function app.drop_stale_sms() is
    'Gives up messages that came too late, and reminders of appointments that are not what they were.';
