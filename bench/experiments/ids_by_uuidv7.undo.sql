alter table app.appointments alter id set default app.new_id();
alter table app.audit_log alter id set default app.new_id();
