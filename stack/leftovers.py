"""Parts that outlive a killed supervisor, told by the lock that they inherited."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
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
    if (descriptor := _lock_patiently(path)) is not None:
        return descriptor
    for number in (signal.SIGINT, signal.SIGKILL):
        for pid in holders(path):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if (descriptor := _lock_patiently(path)) is not None:
            return descriptor
    pids = ", ".join(map(str, holders(path)))
    raise StackError(f"processes of an earlier run can't be stopped: {pids}")


def holders(path: Path) -> list[int]:
    """Return the ids of the processes that have `path` open, other than this one."""
    pids = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
    return [pid for pid in pids if pid != os.getpid() and _has_open(pid, path)]


def _has_open(pid: int, path: Path) -> bool:
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it ended, or belongs to somebody else
        return False
    return any(_same_file(descriptor, path) for descriptor in descriptors)


def _same_file(descriptor: Path, path: Path) -> bool:
    try:
        return descriptor.samefile(path)
    except OSError:  # closed meanwhile
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
