"""Mirrors sql/app/privacy."""
