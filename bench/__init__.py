"""`make bench`: figures, each measured on a stack of its own."""
