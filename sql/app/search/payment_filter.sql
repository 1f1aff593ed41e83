create type app.payment_filter as (
    status app.payment_status,
    of_status uuid[],
    since timestamptz,
    until timestamptz,
    who app.person_filter
);

comment on type app.payment_filter is 'Which attempts to pay are meant: nulls mean all. of_status are ids, where they are not too
many (app.few).';
