"""The whole system, through its front door."""
