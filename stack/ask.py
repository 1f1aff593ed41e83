"""Asking a server over HTTP whether it is there."""

from __future__ import annotations

import http.client
import socket

_SECONDS = 2.0


class UnixConnection(http.client.HTTPConnection):
    """An HTTP connection through a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def http_status(address: str, path: str) -> int | None:
    """Return the status that `GET path` is answered with, or None without an answer.

    Args:
        address: `unix:/path/of/socket` or `host:port`.
        path: with its leading slash.
    """
    if address.startswith("unix:"):
        connection: http.client.HTTPConnection = UnixConnection(address[5:])
    else:
        connection = http.client.HTTPConnection(address, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
