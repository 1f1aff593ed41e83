-- Two indexes on the same columns cost every write twice and help no read.
-- catches: create index pets_owner_idx on app.pets (user_id, id)
select
    string_agg(i.indexrelid::regclass::text, ', ' order by i.indexrelid::regclass::text) as object,
    'index the same' as problem
from pg_index i
join pg_class c on c.oid = i.indexrelid
where c.relnamespace = 'app'::regnamespace
group by
    i.indrelid, i.indkey::text, i.indoption::text, i.indclass::text, i.indisunique,
    pg_get_expr(i.indpred, i.indrelid), pg_get_expr(i.indexprs, i.indrelid)
having count(*) > 1
