"""Lock files: held by the kernel for a process, so that none can be left behind."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def lock_file(path: Path, kind: int) -> int:
    """Lock `path` and return the open descriptor that holds the lock.

    The holder may remove the file: a descriptor of a removed file guards nothing, so
    it is checked that the locked file still is the one at `path`.

    Args:
        path: created (mode 0600) when it is missing.
        kind: LOCK_SH or LOCK_EX, with LOCK_NB to be refused rather than to wait.

    Raises:
        BlockingIOError: another process has it, and `kind` says not to wait.
    """
    while True:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(path, flags, 0o600)
        try:
            fcntl.flock(descriptor, kind)
            if path.exists() and os.path.samestat(path.stat(), os.fstat(descriptor)):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
