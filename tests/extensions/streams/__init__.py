"""Notification streams of the sidecar in this process, on a real database."""
