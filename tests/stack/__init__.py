"""Tests of the launcher, of PostgreSQL clusters, and of the job runner."""
