-- The audit line is written by a function in SQL, not in PL/pgSQL
-- Until PostgreSQL 17 a function in SQL plans its statement at every call; 18 keeps the plan.
create or replace function app.audit(
    action text,
    entity_type text,
    entity_id uuid,
    meta jsonb default '{}',
    actor_user_id uuid default app.current_user_id()
)
returns void
language plpgsql
set search_path = ''
as $$
begin
    insert into app.audit_log (actor_user_id, action, entity_type, entity_id, meta)
    values (
        audit.actor_user_id, audit.action, audit.entity_type, audit.entity_id,
        audit.meta || jsonb_strip_nulls(jsonb_build_object(
            'request_id', app.request_header('x-request-id'), 'ip', app.request_header('x-real-ip'))));
end
$$;
