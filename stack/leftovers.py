"""Parts that outlive a killed supervisor, told by the lock that they inherited."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from stack.errors import StackError
from stack.lock import lock_file

# Parts stop by themselves when their supervisor dies; PostgreSQL takes longest.
_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.05


def lock_out_leftovers(path: Path, say: Callable[[str], None]) -> int:
    """Lock `path`, waiting for the parts of an earlier run, and stopping them.

    Args:
        path: the lock file that every part inherits.
        say: is told when there is something to wait for.

    Returns:
        The descriptor that holds the lock, for the parts of this run to inherit.

    Raises:
        StackError: some of them can't be stopped.
    """
    if (descriptor := _try_lock(path)) is not None:
        return descriptor
    say("The last run was killed; waiting for what is left of it to end.")
    for number in (None, signal.SIGINT, signal.SIGKILL):
        for pid in holders(path) if number else []:
            os.kill(pid, number)
        if (descriptor := _lock_patiently(path)) is not None:
            return descriptor
    pids = ", ".join(map(str, holders(path)))
    raise StackError(f"processes of an earlier run can't be stopped: {pids}")


def holders(path: Path) -> list[int]:
    """Return the ids of the processes that have `path` open, other than this one."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        if int(entry.name) != os.getpid() and _has_open(entry, path):
            found.append(int(entry.name))
    return found


def _has_open(process: Path, path: Path) -> bool:
    try:
        return any(path.samefile(file) for file in (process / "fd").iterdir())
    except OSError:  # it ended, or belongs to somebody else
        return False


def _lock_patiently(path: Path) -> int | None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (descriptor := _try_lock(path)) is not None:
            return descriptor
        time.sleep(_PAUSE_SECONDS)
    return None


def _try_lock(path: Path) -> int | None:
    try:
        return lock_file(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
