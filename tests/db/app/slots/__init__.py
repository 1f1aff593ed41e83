"""Mirrors sql/app/slots."""
