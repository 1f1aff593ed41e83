"""Mirrors sql/app/config."""
