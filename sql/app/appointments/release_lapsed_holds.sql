-- Somebody else's expired hold needs that person's consultation, which comes before slots in the lock order, and its
-- own row, which a slot whose capacity is being raised may have locked: both are taken only when they are free (SKIP
-- LOCKED), else the hold stays for now. What was locked is checked again in its newest version.
-- The status is compared as text, so that no partial index seems to serve: the planner knows little of tables under
-- row-level security, and would read such an index whole instead of finding the rows by their ids.
create or replace function app.release_lapsed_holds(appointment_ids uuid[])
returns bigint
language sql
set search_path = ''
as $$
    with lapsed as (
        select a.id, a.consultation_id
        from app.appointments a
        join app.consultations c on c.id = a.consultation_id
        where a.id = any (appointment_ids) and a.status::text = 'HELD' and a.hold_expires_at <= (select clock_timestamp())
        for no key update of c, a skip locked
    )
    select app.end_holds(array_agg(l.id), array_agg(l.consultation_id)) from lapsed l
$$;

comment on function app.release_lapsed_holds(uuid[]) is
    'Cancels those of the holds that have expired and can be locked at once; gives how many.';
