drop index if exists app.appointments_doctor_key;
create unique index appointments_doctor_key on app.appointments (slot_id, doctor_id) where status <> 'CANCELED';
