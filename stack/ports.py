"""TCP ports on 127.0.0.1."""

from __future__ import annotations

import random
import socket

# Below the range from which the kernel takes ports for outgoing connections.
_CANDIDATES = range(12000, 22000)


def is_free(port: int) -> bool:
    """Tell whether a server could listen on 127.0.0.1:`port` now."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a random port that nobody listens on.

    Another process may take it before it is used; the random choice makes that rare.
    """
    chooser = random.SystemRandom()
    while not is_free(port := chooser.choice(_CANDIDATES)):
        pass
    return port
