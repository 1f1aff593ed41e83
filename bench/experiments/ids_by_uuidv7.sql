-- Ids are made by a function in SQL, not by uuidv7()
-- PostgreSQL has uuidv7() from version 18 on.
alter table app.appointments alter id set default uuidv7();
alter table app.audit_log alter id set default uuidv7();
