"""Tests of the sidecar: its logic, its HTTP surface, its workers."""
