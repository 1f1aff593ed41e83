create or replace function app.prune_medical_data(max_rows integer default 1000)
returns bigint
language plpgsql
set search_path = ''
set enable_seqscan = on
as $$
declare
    v_ids uuid[];
begin
    v_ids := array(
        select c.id from app.consultations c
        cross join app.system_config s
        where c.status in ('COMPLETED', 'CANCELED', 'EXPIRED')
          and c.created_at < clock_timestamp() - make_interval(days => s.medical_retention_days)
          and (c.message_text is not null or exists (select from app.media m where m.consultation_id = c.id))
        limit max_rows
        for no key update of c skip locked);
    perform app.clear_consultations(v_ids);
    return cardinality(v_ids);
end
$$;

comment on function app.prune_medical_data(integer) is
    'Job: deletes texts and files of consultations that have ended, when the settings keep them only for so long.';
