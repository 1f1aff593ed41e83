create or replace view app.live_sessions with (security_invoker = true) as
select s.id, s.user_id, app.database_role(u.role) as role
from app.sessions s
join app.users u on u.id = s.user_id
where s.revoked_at is null and s.expires_at > clock_timestamp() and u.is_active;

comment on view app.live_sessions is 'Sessions whose tokens are accepted, and the database role that these must name.';
