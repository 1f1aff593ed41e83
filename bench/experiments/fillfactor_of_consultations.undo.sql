alter table app.consultations reset (fillfactor);
