"""The real database against a small model of the booking rules, in random order."""
