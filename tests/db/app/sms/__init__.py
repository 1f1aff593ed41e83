"""Mirrors sql/app/sms."""
