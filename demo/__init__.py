"""`make demo`: the whole journey, played against the running system."""
