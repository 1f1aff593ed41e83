-- What opens something, or was said to a bank in confidence, can be read by no owner and no doctor.
-- catches: grant select (nonce) on app.payments to app_user
-- catches: alter table app.pets add column chip_secret text
select a.attrelid::regclass || '.' || a.attname as object, 'can be read by ' || string_agg(r.role, ', ') as problem
from pg_attribute a
join pg_class c on c.oid = a.attrelid
cross join unnest(array['anon', 'app_user', 'app_doctor']) as r (role)
where c.relnamespace in ('app'::regnamespace, 'api'::regnamespace)
  and c.relkind in ('r', 'p', 'v')
  and a.attnum > 0
  and not a.attisdropped
  and a.attname ~ '(hash|secret|token|nonce|password|authority|^raw_|object_key|claimed_by)'
  and has_column_privilege(r.role, c.oid, a.attnum, 'select')
group by a.attrelid, a.attname
