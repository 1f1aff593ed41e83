"""Files through the real stack, with real bytes."""
