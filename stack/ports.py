"""TCP ports on 127.0.0.1."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Collection
from pathlib import Path

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


def free_port(besides: Collection[int] = ()) -> int:
    """Return a random port that nobody listens on and that is not in `besides`.

    Another process may take it before it is used; the random choice makes that rare.
    """
    chooser = random.SystemRandom()
    while True:
        port = chooser.choice(_CANDIDATES)
        if port not in besides and is_free(port):
            return port


def keep_ports(path: Path, names: Collection[str]) -> dict[str, int]:
    """Return a free port for each name: the one in `path` where it still is free.

    The same address after every start is kinder to people, and to the S3 server,
    which knows itself by its ports. What was chosen is written to `path`.
    """
    known: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    ports: dict[str, int] = {}
    for name in names:
        port = known.get(name)
        usable = port is not None and port not in ports.values() and is_free(port)
        taken = {*known.values(), *ports.values()}
        ports[name] = port if port and usable else free_port(taken)
    path.write_text(json.dumps(ports, indent=2) + "\n")
    return ports
