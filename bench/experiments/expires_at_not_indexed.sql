-- consultations.expires_at is indexed, at the price of updates in place
-- Without the index the daily job reads every consultation there ever was.
drop index if exists app.consultations_expires_at_idx;
