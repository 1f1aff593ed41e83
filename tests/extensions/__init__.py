"""Tests of the sidecar that need no database: its logic, and its HTTP surface."""
