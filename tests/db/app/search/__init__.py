"""Mirrors sql/app/search."""
