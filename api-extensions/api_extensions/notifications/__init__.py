"""Notifications, pushed to those who listen as server-sent events."""
