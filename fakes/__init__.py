"""Servers that stand for the outside, for tests and for development."""
