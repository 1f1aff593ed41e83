create or replace function app.audit(
    action text,
    entity_type text,
    entity_id uuid,
    meta jsonb default '{}',
    actor_user_id uuid default app.current_user_id()
)
returns void
language sql
set search_path = ''
as $$
    insert into app.audit_log (actor_user_id, action, entity_type, entity_id, meta)
    values (
        audit.actor_user_id, audit.action, audit.entity_type, audit.entity_id, audit.meta || app.audit_context())
$$;

comment on function app.audit(text, text, uuid, jsonb, uuid) is
    'Writes one line of the audit log; the actor is the signed-in person unless the caller knows better.';
