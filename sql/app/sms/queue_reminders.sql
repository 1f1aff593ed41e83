-- Whoever was told of the time so lately that the reminder is due already, needs none. By statement_timestamp(), since a
-- volatile function can't be the condition of an index.
create or replace function app.queue_reminders(max_rows integer default 500)
returns bigint
language sql
set search_path = ''
as $$
    with due as (
        select a as appointment, c.sms_reminder_template as template
        from app.system_config c
        join app.appointments a
            on a.status = 'CONFIRMED' and a.start_at > statement_timestamp()
            and a.start_at <= statement_timestamp() + c.reminder_minutes * interval '1 minute'
        where not exists (
            select from app.sms_messages m
            where (m.event, m.subject) = ('APPOINTMENT_REMINDER', app.reminder_subject(a))
               or ((m.event, m.subject) in (('APPOINTMENT_CONFIRMED', a.id::text),
                                            ('APPOINTMENT_MOVED', a.id || ':' || a.version))
                   and m.created_at > a.start_at - c.reminder_minutes * interval '1 minute'))
        order by a.start_at
        limit max_rows
    ), queued as materialized (
        select app.queue_sms(
            (d.appointment).user_id, 'APPOINTMENT_REMINDER', app.reminder_subject(d.appointment),
            app.render_sms(d.template, (d.appointment).consultation_id, (d.appointment).start_at),
            expires_at => (d.appointment).start_at) as is_new
        from due d
    )
    select count(*) from queued q where q.is_new
$$;

comment on function app.queue_reminders(integer) is
    'Job: reminds of confirmed appointments that begin within system_config.reminder_minutes; none when that is null.';
