create or replace function app.tg_audit_log__append_only()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'app.audit_log is append-only' using errcode = 'restrict_violation';
end
$$;

comment on function app.tg_audit_log__append_only() is 'Refuses every change of what was logged, the owner''s included.';

create or replace trigger audit_log_100_append_only
    before update or delete or truncate on app.audit_log
    for each statement execute function app.tg_audit_log__append_only();
