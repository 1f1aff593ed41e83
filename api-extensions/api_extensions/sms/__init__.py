"""SMS: the outbox's worker and the providers behind one interface."""
