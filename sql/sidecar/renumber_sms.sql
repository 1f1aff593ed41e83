-- Happens after a backup was restored, which forgot numbers that the provider remembers.
create or replace function sidecar.renumber_sms(id uuid, worker text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform setval('app.sms_messages_number_seq',
        greatest(nextval('app.sms_messages_number_seq'), extract(epoch from clock_timestamp())::bigint * 1000000));
    update app.sms_messages m
    set number = default, claimed_by = null, next_attempt_at = clock_timestamp()
    where m.id = renumber_sms.id and m.status = 'QUEUED' and m.claimed_by = worker;
    return found;
end
$$;

comment on function sidecar.renumber_sms(uuid, text) is
    'Puts the message back under a number that the provider has not seen, because its own means another message there.';
grant execute on function sidecar.renumber_sms(uuid, text) to sidecar;
