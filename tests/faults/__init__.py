"""The real parts, broken on purpose while people use them."""
