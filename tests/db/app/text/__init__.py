"""Mirrors sql/app/text."""
