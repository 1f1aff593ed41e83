"""Mirrors sql/api."""
