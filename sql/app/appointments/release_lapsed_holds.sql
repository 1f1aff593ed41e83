-- Somebody else's expired hold needs that person's consultation, which comes before slots in the lock order: it is
-- taken only when it is free (SKIP LOCKED), else the hold stays for now. Conditions are repeated in the update, which
-- checks them against the newest version of the row.
create or replace function app.release_lapsed_holds(appointment_ids uuid[])
returns bigint
language sql
set search_path = ''
as $$
    with locked as (
        select c.id
        from app.consultations c
        where c.id in (select a.consultation_id from app.appointments a where a.id = any (appointment_ids))
        for no key update skip locked
    ), released as (
        update app.appointments a
        set status = 'CANCELED', cancel_reason = 'EXPIRED'
        from locked l
        where a.id = any (appointment_ids)
          and a.consultation_id = l.id
          and a.status = 'HELD'
          and a.hold_expires_at <= clock_timestamp()
        returning a.consultation_id
    ), reopened as (
        update app.consultations c
        set status = 'DETAILS_SUBMITTED'
        from released r
        where c.id = r.consultation_id
          and c.status = 'SLOT_HELD'
    )
    select count(*) from released
$$;

comment on function app.release_lapsed_holds(uuid[]) is
    'Cancels those of the holds that have expired and can be locked at once; gives how many. The consultation may choose
again, unless it is PAYMENT_INITIATED: then the gateway''s answer decides.';
