-- Pages of consultations are filled whole, not to 70 %
-- Room in the page lets an update stay there (HOT) and spare the indexes; but expires_at, which changes with the status,
-- is indexed, and forbids it.
alter table app.consultations set (fillfactor = 70);
