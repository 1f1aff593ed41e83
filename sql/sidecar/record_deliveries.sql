create or replace function sidecar.record_deliveries(ids uuid[], deliveries text[])
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_rows integer;
begin
    update app.sms_messages m
    set delivery = d.delivery::app.sms_delivery, delivery_due_at = null
    from unnest(ids, deliveries) d (id, delivery)
    where m.id = d.id and m.delivery = 'PENDING' and d.delivery <> 'PENDING';
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function sidecar.record_deliveries(uuid[], text[]) is
    'Notes where messages ended; gives the number that ended just now.';
grant execute on function sidecar.record_deliveries(uuid[], text[]) to sidecar;
