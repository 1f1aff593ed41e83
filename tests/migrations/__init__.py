"""Migrating databases that hold data."""
