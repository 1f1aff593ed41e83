"""What the load generator itself can do: nginx answers, and nobody else works."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figures import Figure, Report
from bench.load import Load, request, send
from bench.stage import Stage
from stack.account import unprivileged_account
from stack.ports import free_port
from stack.process import start_process, stop_process
from stack.programs import find_programs

_CONFIGURATION = """
daemon off; pid {home}/pid; error_log stderr; worker_processes auto;
events {{ worker_connections 1024; }}
http {{
    access_log off; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy;
    keepalive_requests 1000000;
    server {{ listen 127.0.0.1:{port}; location / {{ return 204; }} }}
}}
"""
SECONDS = 1.5


def measure(_: Stage) -> Report:
    """Send requests of the usual size to a server that does nothing."""
    message = request("GET", "/", token="t" * 400)
    with _nginx() as url:
        rates = [send(Load(url, [message], seconds=SECONDS)).rate for _ in range(3)]
    return Report([Figure("answers of a server that does nothing", tuple(rates), "/s")])


@contextmanager
def _nginx() -> Iterator[str]:
    account = unprivileged_account()
    with tempfile.TemporaryDirectory(prefix="vetline-") as name:
        home, port = Path(name), free_port()
        configuration = home / "nginx.conf"
        configuration.write_text(_CONFIGURATION.format(home=home, port=port))
        if account:
            account.own(home)
        home.chmod(0o755)
        program = find_programs(account).from_npm("nginx")
        with (home / "log").open("wb") as log:
            server = start_process(
                [program, "-p", home, "-c", configuration], log=log, account=account
            )
            try:
                _wait(port, server)
                yield f"http://127.0.0.1:{port}"
            finally:
                stop_process(server)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until it listens."""
    while server.poll() is None:
        try:
            send(Load(f"http://127.0.0.1:{port}", [request("GET", "/")]))
        except ConnectionRefusedError:
            continue
        return
    raise AssertionError("nginx has ended")
