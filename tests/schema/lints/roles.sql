-- Who may become whom (db/roles.sql): a dump of the database does not show it.
-- catches: alter role authenticator inherit
-- catches: alter role sidecar bypassrls
-- catches: alter role app_owner login
-- catches: grant app_owner to authenticator
-- catches: grant app_admin to app_user
with expected (name, can_login, inherits, member_of) as (
    values
        ('anon', false, true, '{}'::text[]),
        ('app_user', false, true, '{}'),
        ('app_doctor', false, true, '{}'),
        ('app_admin', false, true, '{}'),
        ('app_owner', false, true, '{}'),
        ('authenticator', true, false, '{anon,app_admin,app_doctor,app_user}'),
        ('sidecar', true, false, '{app_admin,app_doctor,app_user}'),
        ('job_runner', true, false, '{}'),
        ('migrator', true, false, '{app_admin,app_doctor,app_owner,app_user}')
)
select e.name as object, 'is not what db/roles.sql means it to be' as problem
from expected e
left join pg_roles r on r.rolname = e.name
where r.oid is null
   or r.rolcanlogin <> e.can_login
   or r.rolinherit <> e.inherits
   or r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls
   or e.member_of <> array(
       select m.roleid::regrole::text from pg_auth_members m where m.member = r.oid order by 1
   )
