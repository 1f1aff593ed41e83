-- Called under the slot's lock and after app.lock_doctors: the answer stays true.
create or replace function app.is_doctor_free(doctor_id uuid, slot app.slots)
returns boolean
language sql
set search_path = ''
as $$
    select exists (select from app.available_doctors(slot.start_at, slot.end_at) d where d.id = is_doctor_free.doctor_id)
       and not exists (
           select from app.appointments a
           where a.slot_id = slot.id and a.doctor_id = is_doctor_free.doctor_id and a.status <> 'CANCELED')
$$;

comment on function app.is_doctor_free(uuid, app.slots) is
    'Whether the doctor is active and not away in the locked slot, and has no call in it.';
