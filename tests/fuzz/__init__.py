"""Everything that callers can reach, asked with whatever they might send."""
