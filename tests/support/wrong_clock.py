"""What a Python program is started with, so that its clock is wrong."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# What its interpreter runs before anything else. The monotonic clock goes on, as it
# does in life.
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
def clock_off(python_path: str, seconds: int) -> Iterator[Mapping[str, str]]:
    """Lend the environment variables of a clock that is off by `seconds`.

    Args:
        python_path: what PYTHONPATH is otherwise.
        seconds: how far the clock is ahead; negative for behind.
    """
    with tempfile.TemporaryDirectory(prefix="vetline-clock-") as home:
        Path(home).chmod(0o755)
        (Path(home) / "sitecustomize.py").write_text(_SITECUSTOMIZE)
        yield {
            "PYTHONPATH": f"{home}{os.pathsep}{python_path}",
            "CLOCK_OFF_SECONDS": str(seconds),
        }
