"""Runs the whole system on one machine: `python -m stack run`."""
