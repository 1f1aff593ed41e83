create or replace function sidecar.finish_sms(
    worker text, provider text, can_report boolean, ids uuid[], provider_message_ids text[]
)
returns uuid[]
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_sent uuid[];
begin
    with sent as (
        update app.sms_messages m
        set status = 'SENT', provider = finish_sms.provider, provider_message_id = s.provider_message_id,
            error = null, claimed_by = null, sent_at = clock_timestamp(),
            delivery = case when r.can_report then 'PENDING'::app.sms_delivery end,
            delivery_due_at = case when r.can_report then clock_timestamp() + interval '1 minute' end
        from unnest(ids, provider_message_ids) s (id, provider_message_id),
             lateral (select can_report and s.provider_message_id is not null as can_report) r
        where m.id = s.id and m.status = 'QUEUED' and m.claimed_by = worker
        returning m.id
    )
    select coalesce(array_agg(s.id), '{}') into v_sent from sent s;
    perform app.end_outage(v_sent);
    return v_sent;
end
$$;

comment on function sidecar.finish_sms(text, text, boolean, uuid[], text[]) is
    'SENT, many at once; gives those that were this worker''s to finish (another may have taken one over).';
grant execute on function sidecar.finish_sms(text, text, boolean, uuid[], text[]) to sidecar;
