"""Mirrors sql/app/invariants."""
