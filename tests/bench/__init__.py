"""Tests of the benchmark's own tools; `make bench` itself is the load."""
