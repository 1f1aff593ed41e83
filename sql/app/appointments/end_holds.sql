create or replace function app.end_holds(appointment_ids uuid[], consultation_ids uuid[])
returns bigint
language sql
set search_path = ''
as $$
    update app.appointments a set status = 'CANCELED', cancel_reason = 'EXPIRED' where a.id = any (appointment_ids);
    update app.consultations c set status = 'DETAILS_SUBMITTED'
    where c.id = any (consultation_ids) and c.status::text = 'SLOT_HELD';
    select coalesce(cardinality(appointment_ids), 0)
$$;

comment on function app.end_holds(uuid[], uuid[]) is
    'Cancels expired holds that are locked, with their consultations; gives how many. The consultations may choose again,
unless they are PAYMENT_INITIATED: then the gateway''s answer decides.';
