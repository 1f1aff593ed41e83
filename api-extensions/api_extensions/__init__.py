"""Vetline's sidecar: what a database should not do (hashing, gateways, messages)."""
