-- A foreign key without an index makes every delete or key change of the other table read this one whole.
-- catches: create table app.lint (pet_id uuid references app.pets (id))
-- catches: drop index app.pets_user_id_idx
select k.conrelid::regclass || '.' || k.conname as object, 'has no index that begins with its columns' as problem
from pg_constraint k
where k.contype = 'f'
  and k.connamespace = 'app'::regnamespace
  and not exists (
      select from pg_index i
      where i.indrelid = k.conrelid
        -- A partial index serves when all that it leaves out are the rows that refer to nothing.
        and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ '^\(\w+ IS NOT NULL\)$')
        and (
            (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey
            -- A shorter index narrows the search as well.
            or (i.indkey::smallint[])[0:i.indnkeyatts - 1] <@ k.conkey
        )
  )
