create or replace trigger consultations_510_transition after update on app.consultations
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('consultation');
create or replace trigger appointments_510_transition after update on app.appointments
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('appointment', 'consultation_id', 'start_at', 'cancel_reason', 'outcome');
