create type app.person_filter as (
    mobile text,
    words tsquery,
    people uuid[]
);

comment on type app.person_filter is
    'Whom a search means: the beginning of the mobile and the words of the name, both as they are compared, and their ids
where these are not too many. Nulls mean everybody.';
