-- Reading is granted to owners and doctors column by column, so that a new column is closed until somebody opens it.
-- Whole tables are listed, with the reason why nothing in them needs to be kept from whoever may see the row.
-- allow app.consultations: all of it is what the owner said and the doctor must know
-- allow app.notifications: written to whoever may see them
-- allow app.pets: all of it is what the owner said and the doctor must know
-- allow app.users: name and mobile, which the doctor calls; the password is in app.credentials
-- catches: grant select on app.payments to app_user
-- catches: grant select on app.appointments to app_doctor
select c.oid::regclass::text as object, 'all columns can be read by ' || string_agg(a.grantee::regrole::text, ', ') as problem
from pg_class c, aclexplode(c.relacl) a
where c.relnamespace = 'app'::regnamespace
  and c.relkind in ('r', 'p')
  and a.privilege_type = 'SELECT'
  and a.grantee in ('anon'::regrole, 'app_user'::regrole, 'app_doctor'::regrole)
group by c.oid
