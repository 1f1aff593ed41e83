"""Mirrors sql/sidecar."""
