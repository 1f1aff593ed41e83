-- Names tell what a thing is: constraints and indexes end like PostgreSQL's own, policies and triggers begin with their
-- table's name, trigger functions with tg_.
-- catches: alter table app.pets add constraint pets_name_is_good check (true)
-- catches: create index pets_by_name on app.pets (name)
-- catches: create policy lint on app.pets for select to app_user using (true)
-- catches: create trigger lint before update on app.pets for each row execute function app.tg__touch()
-- catches: create function app.lint() returns trigger language plpgsql as 'begin return new; end'
select k.conrelid::regclass || '.' || k.conname as object, 'does not end like a constraint of its kind' as problem
from pg_constraint k
where k.connamespace = 'app'::regnamespace
  and k.conrelid <> 0
  and k.conname !~ (
      case k.contype
          when 'p' then '_pkey$' when 'u' then '_key$' when 'f' then '_fkey$' when 'c' then '_check$'
          when 'x' then '_excl$' else ''
      end
  )
union all
select i.indexrelid::regclass::text, 'does not end with _idx, or _key when it is unique'
from pg_index i
join pg_class c on c.oid = i.indexrelid
where c.relnamespace = 'app'::regnamespace
  and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
  and c.relname !~ (case when i.indisunique then '_key$' else '_idx$' end)
union all
select p.polname || ' on ' || p.polrelid::regclass, 'is not named <table>_<command>_<who>'
from pg_policy p
join pg_class c on c.oid = p.polrelid
where p.polname !~ (
    '^' || c.relname || '_'
    || case p.polcmd
        when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all'
    end || '_[a-z]+'
)
union all
select t.tgname || ' on ' || t.tgrelid::regclass, 'is not named <table>_<NNN>_<task>'
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
where not t.tgisinternal
  and c.relnamespace = 'app'::regnamespace
  and t.tgname !~ ('^' || c.relname || '_[0-9]{3}_[a-z_]+$')
union all
select p.oid::regprocedure::text, 'is a trigger function without tg_, or the other way round'
from pg_proc p
where p.pronamespace = 'app'::regnamespace
  and (p.prorettype = 'trigger'::regtype) <> (p.proname ~ '^tg_')
