-- By what they are about and not by their number: a person's number changes, and the old one may be somebody else's by
-- now. Every subject begins with the id of an appointment or a payment.
create or replace function app.messages_of(user_id uuid)
returns setof app.sms_messages
language sql
stable
set search_path = ''
as $$
    select m.*
    from app.sms_messages m
    where split_part(m.subject, ':', 1) = any (array(
        select a.id::text from app.appointments a where a.user_id = messages_of.user_id
        union all
        select p.id::text from app.payments p where p.user_id = messages_of.user_id))
$$;

comment on function app.messages_of(uuid) is 'The text messages that were written to the person, whatever their number was.';
