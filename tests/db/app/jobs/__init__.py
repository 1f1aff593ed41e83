"""Mirrors sql/app/jobs."""
