-- Seats without a doctor are in the index of one doctor at a time as well
-- A held seat has no doctor; leaving it out saves an entry, and needs an index of its own for each.
drop index if exists app.appointments_doctor_key;
create unique index appointments_doctor_key on app.appointments (slot_id, doctor_id)
    where status <> 'CANCELED' and doctor_id is not null;
