"""Who sees and may do what, as data."""
