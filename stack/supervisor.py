"""Starts the parts when what they need is ready, watches them, and stops them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stack.part import Part
from stack.report import Report
from stack.running_part import PartError, RunningPart
from stack.signals import Signals

_PAUSE_SECONDS = 0.05
# Before a part that has ended is started again, and between looks until it is ready.
_RESTART_SECONDS = 0.5


class Supervisor:
    """Runs a set of parts until it is told to stop, or until one of them fails.

    With `restarts` a part that ends after the start is started again, and so for ever.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        launch: Callable[[Part], RunningPart],
        signals: Signals,
        report: Report,
        *,
        restarts: bool = False,
    ) -> None:
        """Prepare a run.

        Args:
            parts: launched in this order, each when what it needs is ready.
            launch: starts one of them.
            signals: says when to stop.
            report: tells the developer.
            restarts: whether to go on when a part has ended.
        """
        self._waiting = list(parts)
        self._launch = launch
        self._signals = signals
        self._report = report
        self._restarts = restarts
        self._running: list[RunningPart] = []
        self._ready: set[str] = set()

    def start(self) -> bool:
        """Start every part and wait until all are ready.

        Returns:
            False when a signal to stop came first.

        Raises:
            PartError: a part can't be started, ended, or is not ready in time.
        """
        while not self._signals.stop:
            self._launch_next()
            self._look()
            coming = [run.part.name for run in self._running if not run.is_ready]
            if not coming and not self._waiting:
                return True
            self._report.waiting_for(coming)
            self._signals.wait(_PAUSE_SECONDS)
        return False

    def watch(self) -> None:
        """Return when a signal says to stop.

        Raises:
            PartError: a part ended, and nothing is started again.
        """
        while not self._signals.stop:
            self._look(restarts=self._restarts)
            are_ready = all(run.is_ready for run in self._running)
            self._signals.wait(None if are_ready else _RESTART_SECONDS)

    def stop(self) -> None:
        """Stop the parts, the last one first."""
        while self._running:
            run = self._running[-1]
            self._report.stopping(run.part.name)
            run.stop()
            self._running.pop()

    def _launch_next(self) -> None:
        """Launch the parts that have what they need."""
        for part in self._waiting.copy():
            if self._ready.issuperset(part.needs):
                self._running.append(self._launch(part))
                self._waiting.remove(part)

    def _look(self, *, restarts: bool = False) -> None:
        """See which parts have become ready, and that none has ended."""
        for place, run in enumerate(self._running):
            try:
                if run.look():
                    self._ready.add(run.part.name)
                    self._report.ready(run.part.name, run.seconds)
            except PartError as error:
                if not restarts:
                    raise
                self._report.restarting(error)
                self._running[place] = self._started_again(run)

    def _started_again(self, run: RunningPart) -> RunningPart:
        """Start a part again; what can't even be launched is tried again next time."""
        run.stop()
        self._signals.wait(_RESTART_SECONDS)
        try:
            return self._launch(run.part)
        except PartError as error:
            self._report.restarting(error)
            return run
