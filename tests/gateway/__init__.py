"""The gateway alone: a real nginx, and upstreams that record what reaches them."""
