"""Mirrors sql/app/appointments."""
