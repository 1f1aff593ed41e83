-- Times have a zone, texts no arbitrary length, JSON is jsonb, and ids come from app.new_id().
-- catches: create table app.lint (at timestamp)
-- catches: create table app.lint (name varchar(20))
-- catches: create table app.lint (body json)
select a.attrelid::regclass || '.' || a.attname as object, 'is a ' || a.atttypid::regtype as problem
from pg_attribute a
join pg_class c on c.oid = a.attrelid
where c.relnamespace = 'app'::regnamespace
  and c.relkind in ('r', 'p')
  and a.attnum > 0
  and not a.attisdropped
  and a.atttypid in ('timestamp'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'json'::regtype, 'timetz'::regtype,
                     'money'::regtype, 'float4'::regtype, 'float8'::regtype)
