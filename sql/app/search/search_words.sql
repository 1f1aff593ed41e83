-- What a search for a name looks into: its words, and each two neighbours written as one, since علی رضا and علیرضا are
-- the same name. Not by to_tsvector: what its parser takes for a letter depends on the locale.
create or replace function app.search_words(name text)
returns tsvector
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    with words as (
        select w.word, lead(w.word) over (order by w.place) as next
        from unnest(string_to_array(app.search_form(name), ' ')) with ordinality as w (word, place)
        where w.word <> ''
    )
    select array_to_tsvector(coalesce(array_agg(distinct l.lexeme), '{}'))
    from words w
    cross join lateral (values (w.word), (w.word || w.next)) as l (lexeme)
    where l.lexeme is not null
$$;

comment on function app.search_words(text) is 'The words by which a name is found (app.word_query asks for them).';
grant execute on function app.search_words(text) to app_admin;
