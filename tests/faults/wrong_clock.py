"""A sidecar whose clock is wrong, in the place of one whose clock is right."""

import os
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

# What the interpreter of the sidecar runs before anything else. The monotonic clock
# goes on, as it does in life.
_SITECUSTOMIZE = """
import datetime, os, time

_off = float(os.environ["CLOCK_OFF_SECONDS"])
_time, _time_ns, _real = time.time, time.time_ns, datetime.datetime
time.time = lambda: _time() + _off
time.time_ns = lambda: _time_ns() + int(_off * 10**9)


class _LikeReal(type(_real)):
    def __instancecheck__(cls, value):
        return isinstance(value, _real)


class _Wrong(_real, metaclass=_LikeReal):
    @classmethod
    def now(cls, tz=None):
        return _real.now(tz) + datetime.timedelta(seconds=_off)


datetime.datetime = _Wrong
"""


@contextmanager
def wrong_clock(system: System, name: str, seconds: int) -> Iterator[None]:
    """Take a sidecar's place behind nginx, with a clock that is off by `seconds`.

    It binds the same socket: from then on, all that nginx gives to `name` comes here.
    """
    address = f"unix:{(system.run_dir / 'sockets').resolve()}/{name}.sock"
    with tempfile.TemporaryDirectory(prefix="vetline-clock-") as home:
        Path(home).chmod(0o755)
        (Path(home) / "sitecustomize.py").write_text(_SITECUSTOMIZE)
        account = unprivileged_account()
        programs = find_programs(account)
        environment = {**programs.python_environment, **sidecar_environment(system)}
        environment |= {
            "PYTHONPATH": f"{home}{os.pathsep}{environment['PYTHONPATH']}",
            "SIDECAR_LISTEN": address,
            "CLOCK_OFF_SECONDS": str(seconds),
        }
        with (Path(home) / "log").open("wb") as log:
            process = start_process(
                programs.module("api_extensions"),
                log=log,
                account=account,
                environment=environment,
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
