"""What the supervisor has to know of one part of the system."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


def _nothing() -> None:
    """Stand for a hook that a part does not need."""


@dataclass(frozen=True)
class Part:
    """A server that runs until it is stopped, or a step that ends by itself.

    Attributes:
        name: of its line and its log.
        command: the program and its arguments.
        environment: all of it.
        is_ready: asks the server whether it works; None makes this a step, which is
            done when it has ended with exit status 0.
        needs: names of the parts that must be ready before this one is started.
        before: runs in the supervisor just before the start.
        after: runs in the supervisor when the process has ended.
        stop_signal: asks it to stop.
        death_signal: what the kernel sends it when the supervisor dies.
        patience: seconds from `stop_signal` until it is killed.
    """

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_ready: Callable[[], bool] | None = None
    needs: tuple[str, ...] = ()
    before: Callable[[], None] = _nothing
    after: Callable[[], None] = _nothing
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0
