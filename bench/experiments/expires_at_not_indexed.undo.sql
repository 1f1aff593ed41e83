create index if not exists consultations_expires_at_idx on app.consultations (expires_at) where expires_at is not null;
