"""Mirrors sql/app/time."""
