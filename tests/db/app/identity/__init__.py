"""Mirrors sql/app/identity."""
