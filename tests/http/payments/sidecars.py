"""More sidecars beside the system's own: to be killed, or to be set up otherwise."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from stack.background import System
from stack.ports import free_port
from tests.http.payments.scene import sidecar_environment
from tests.support import web

_START_SECONDS = 30


@contextmanager
def another_sidecar(
    system: System, **settings: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run one more sidecar beside the system's; give its address and its process."""
    port = free_port()
    environment = (
        dict(os.environ)
        | sidecar_environment(system)
        | {"SIDECAR_LISTEN": f"127.0.0.1:{port}"}
        | settings
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "api_extensions"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url)
        yield url, process
    finally:
        process.kill()
        process.wait()


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            if web.get(f"{url}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"{url} is not ready")


def at(url: str, location: str) -> str:
    """Return the callback `location`, to be sent to another sidecar."""
    there, back = httpx.URL(url), httpx.URL(location)
    return str(back.copy_with(scheme=there.scheme, host=there.host, port=there.port))
