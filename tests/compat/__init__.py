"""The system on the oldest PostgreSQL that it supports, and with pg_cron."""
