"""The fakes themselves: what they claim to behave like."""
