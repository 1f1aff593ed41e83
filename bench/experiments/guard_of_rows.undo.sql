create or replace trigger consultations_500_first_state after insert on app.consultations
    referencing new table as new_rows for each statement
    execute function app.tg__transition('consultation', 'base_price_toman');
create or replace trigger consultations_510_transition after update on app.consultations
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('consultation');
create or replace trigger appointments_500_first_state after insert on app.appointments
    referencing new table as new_rows for each statement
    execute function app.tg__transition('appointment', 'consultation_id', 'start_at');
create or replace trigger appointments_510_transition after update on app.appointments
    referencing old table as old_rows new table as new_rows for each statement
    execute function app.tg__transition('appointment', 'consultation_id', 'start_at', 'cancel_reason', 'outcome');
