create or replace function app.audit_export(kind text, filters text[], row_count bigint, is_complete boolean)
returns void
language sql
set search_path = ''
as $$
    select app.audit(
        case when row_count is null then 'EXPORT_STARTED' else 'EXPORT_DOWNLOADED' end, 'export', null,
        jsonb_strip_nulls(jsonb_build_object(
            'kind', kind, 'filters', filters, 'rows', row_count, 'is_complete', is_complete)))
$$;

comment on function app.audit_export(text, text[], bigint, boolean) is
    'Logs an export: which filters were used (their names alone), how many rows went out, and whether that was all. Without
a row count it is about to begin: nothing leaves without a trace, even if the process dies.';
