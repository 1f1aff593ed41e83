create or replace function sidecar.audit_export(
    kind text,
    filters text[],
    row_count bigint default null,
    is_complete boolean default null
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.audit_export(kind, filters, row_count, is_complete);
end
$$;

comment on function sidecar.audit_export(text, text[], bigint, boolean) is
    'Logs that the signed-in admin exports: before the first byte, and after the last with the number of rows. FORBIDDEN.';
grant execute on function sidecar.audit_export(text, text[], bigint, boolean) to sidecar;
