"""Starting child processes that die with us and hold nothing they should not."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import IO

from stack.account import Account

_PR_SET_PDEATHSIG = 1
# Loaded here, because a freshly forked child must not load libraries.
_libc = ctypes.CDLL(None, use_errno=True)


def start_process(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int,
    source: IO[bytes] | int = subprocess.DEVNULL,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path = Path("/"),
    death_signal: signal.Signals = signal.SIGTERM,
    keep: Collection[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a long-running child in its own session.

    A terminal's Ctrl-C does not reach it, and it gets `death_signal` when this
    process dies, however that happens. Call it from the main thread: the kernel ties
    the signal to the thread that forked.

    Args:
        command: the program and its arguments.
        log: where standard output and standard error go.
        source: where standard input comes from.
        account: run as this account instead of ours (needs root).
        environment: the child's whole environment; ours when None.
        directory: where it runs; an account must be able to enter it.
        death_signal: what it gets when we die.
        keep: the only file descriptors, besides the standard ones, to inherit.
    """
    return subprocess.Popen(
        [str(word) for word in command],
        stdin=source,
        stdout=log,
        stderr=log,
        env=environment,
        cwd=directory,
        pass_fds=tuple(keep),
        start_new_session=True,
        # It runs after the change of user, which would clear the setting, and only
        # makes a system call, so that threads of ours can't deadlock it.
        preexec_fn=_die_with(os.getpid(), death_signal),  # noqa: PLW1509
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def die_with_parent() -> None:
    """Send this process SIGTERM when its parent ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


def _die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    def set_death_signal() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and the prctl
            os._exit(1)

    return set_death_signal


def stop_process(
    process: subprocess.Popen[bytes],
    stop_signal: signal.Signals = signal.SIGTERM,
    patience: float = 10.0,
) -> bool:
    """Ask a child to stop, and kill its whole session after `patience` seconds.

    Returns:
        Whether it went by itself.
    """
    if process.poll() is not None:
        return True
    process.send_signal(stop_signal)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False
    return True
