create or replace function app.prune_messages(max_rows integer default 10000)
returns bigint
language sql
set search_path = ''
set enable_seqscan = on
as $$
    with config as (
        select clock_timestamp() - make_interval(days => c.message_retention_days) as before from app.system_config c
    ), messages as (
        delete from app.sms_messages m
        where m.id = any (array(
            select d.id from app.sms_messages d
            where d.created_at < (select before from config) and d.status <> 'QUEUED'
            limit max_rows
            for update skip locked))
        returning m.id
    ), news as (
        delete from app.notifications n
        where n.id = any (array(
            select d.id from app.notifications d
            where d.created_at < (select before from config)
            limit max_rows
            for update skip locked))
        returning n.id
    )
    select (select count(*) from messages) + (select count(*) from news)
$$;

comment on function app.prune_messages(integer) is
    'Job: forgets SMS and notifications that are older than the settings keep them.';
