-- A closed attempt is asked again for a day after it was made, or for a week while nobody can say: that is how late
-- truth is found.
create or replace function app.record_unpaid(
    payment app.payments,
    is_known boolean,
    is_genuine boolean,
    raw_response jsonb
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_now timestamptz := clock_timestamp();
    v_is_open boolean := payment.status in ('INITIATED', 'PENDING');
    v_pause interval := least(interval '10 minutes', interval '1 minute' * power(2, least(payment.settle_attempts, 5)));
begin
    if is_known and v_is_open and (is_genuine or payment.expires_at <= v_now) then
        perform app.close_unpaid(payment, is_genuine);
        v_is_open := false;
    end if;
    update app.payments p
    set raw_response = coalesce(nullif(record_unpaid.raw_response, '{}'), p.raw_response),
        settle_until = null,
        next_inquiry_at = case
            when v_is_open and is_known then v_now + interval '1 minute'
            when v_is_open then v_now + v_pause
            when p.created_at > v_now - case when is_known then interval '1 day' else interval '7 days' end
                then v_now + v_pause
        end
    where p.id = payment.id;
end
$$;

comment on function app.record_unpaid(app.payments, boolean, boolean, jsonb) is
    'Not paid (closes the attempt when it may) or unknown (is_known false: asked again later, never reported as failed).';
