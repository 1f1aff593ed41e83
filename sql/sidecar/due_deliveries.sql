-- Asked less and less often, and for two days: Kavenegar knows messages for 48 hours.
create or replace function sidecar.due_deliveries(provider text, max_rows integer)
returns table (id uuid, provider_message_id text)
language plpgsql
security definer
set search_path = ''
as $$
begin
    update app.sms_messages m set delivery = 'UNKNOWN', delivery_due_at = null
    where m.id = any (array(
        select q.id from app.sms_messages q
        where q.delivery_due_at <= (select clock_timestamp()) and q.sent_at < (select clock_timestamp() - interval '48 hours')
        limit 1000
        for update skip locked));
    return query
    update app.sms_messages m
    set delivery_due_at = clock_timestamp()
        + greatest(interval '1 minute', (clock_timestamp() - m.sent_at) / 2) * (0.9 + random() / 5)
    where m.id = any (array(
        select q.id from app.sms_messages q
        where q.delivery_due_at <= (select clock_timestamp()) and q.provider = due_deliveries.provider
        order by q.delivery_due_at
        limit max_rows
        for update skip locked))
    returning m.id, m.provider_message_id;
end
$$;

comment on function sidecar.due_deliveries(text, integer) is
    'Takes sent messages that the provider is to be asked about; those it never answered for end as UNKNOWN.';
grant execute on function sidecar.due_deliveries(text, integer) to sidecar;
