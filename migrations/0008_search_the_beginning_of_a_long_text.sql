-- search the beginning of a long text
-- depends: 0007_what_a_hold_costs_less

-- from sql/app/search/word_query.sql
-- Finds the beginnings of words, in any order: سار احم finds سارا احمدی. It does not find what is inside a word, and
-- forgives no slip of the finger but those that app.search_form makes alike: that would take pg_trgm, which not every
-- server has. No name is longer than what is read of a text, and a tsquery takes no word of 2 kB.
create or replace function app.word_query(typed text)
returns tsquery
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
    select (format('(%s) | %L:*', string_agg(format('%L:*', w.word), ' & '), string_agg(w.word, '')))::tsquery
    from unnest(string_to_array(left(app.search_form(typed), 200), ' ')) as w (word)
    where w.word <> ''
    having count(*) > 0
$$;

comment on function app.word_query(text) is
    'The query for names (app.search_words) with words that begin like these, or with all of them in one; null when there
is no word in it.';
grant execute on function app.word_query(text) to app_admin;
-- end of sql/app/search/word_query.sql
