"""Mirrors sql/app/doctors."""
