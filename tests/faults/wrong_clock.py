"""A sidecar whose clock is wrong, in the place of one whose clock is right."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.account import unprivileged_account
from stack.ask import http_status
from stack.background import System
from stack.process import start_process, stop_process
from stack.programs import find_programs
from tests.http.payments.scene import sidecar_environment
from tests.support.waiting import wait_until
from tests.support.wrong_clock import clock_off


@contextmanager
def wrong_clock(system: System, name: str, seconds: int) -> Iterator[None]:
    """Take a sidecar's place behind nginx, with a clock that is off by `seconds`.

    It binds the same socket: from then on, all that nginx gives to `name` comes here.
    """
    address = f"unix:{(system.run_dir / 'sockets').resolve()}/{name}.sock"
    account = unprivileged_account()
    programs = find_programs(account)
    environment = {**programs.python_environment, **sidecar_environment(system)}
    with (
        clock_off(environment["PYTHONPATH"], seconds) as clock,
        tempfile.TemporaryFile() as log,
    ):
        process = start_process(
            programs.module("api_extensions"),
            log=log,
            account=account,
            environment={**environment, **clock, "SIDECAR_LISTEN": address},
        )
        try:
            wait_until(lambda: _is_serving(process, address))
            yield
        finally:
            stop_process(process)


def _is_serving(process: subprocess.Popen[bytes], address: str) -> bool:
    """Tell whether it has taken the socket over: it answers, and holds a listener."""
    assert process.poll() is None
    sockets = Path(f"/proc/{process.pid}/net/unix").read_text()
    return sockets.count(address.removeprefix("unix:")) > 1 and (
        http_status(address, "/healthz") is not None
    )
