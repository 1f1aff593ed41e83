"""Tests of gateway/site/: what the gateway serves by itself."""
