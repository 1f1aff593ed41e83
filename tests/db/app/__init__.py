"""Mirrors sql/app."""
