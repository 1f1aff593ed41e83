"""The sweeper gives up 100,000 expired holds, while people go on holding slots."""

import time
from threading import Thread

from bench.figures import Figure, Promise, Report, at_most
from bench.holds import holds_of
from bench.load import Load, Outcome, send_steadily
from bench.stage import Clinic, Stage

EXPIRED, BATCH = 100_000, 1_000
# People come when they come: a quarter of what the machine can do, again and again.
HOLDS, RATE, MOST_TURNS = 600, 200.0, 12
HTTP_OK = 200
# No human being notices less.
VISIBLE_MS, SECONDS = 250.0, 10.0
_SWEEP = "select app.release_expired_holds(%s)"


def measure(stage: Stage) -> Report:
    """Hold without and with the sweeper beside it, and time the sweeper."""
    clinic = stage.system
    holds = holds_of(clinic)
    # Made beforehand: to make people is no part of it.
    turns = iter([holds.take(HOLDS) for _ in range(MOST_TURNS)])
    _hold(clinic, next(turns))  # warms up
    alone = _hold(clinic, next(turns))
    clinic.leave_holds(EXPIRED)
    sweeper = Sweeper(clinic)
    sweeper.start()
    latencies: list[float] = []
    while sweeper.is_alive() and (messages := next(turns, None)):
        latencies += _hold(clinic, messages).latencies
    sweeper.join()
    beside = Outcome(latencies)
    return Report(
        [
            Figure("holds released", (float(sweeper.released),)),
            Figure("the sweeper took", (sweeper.seconds,), "s", at_most(SECONDS)),
            *_stall("alone", alone),
            *_stall("beside the sweeper", beside, at_most(VISIBLE_MS)),
        ]
    )


class Sweeper(Thread):
    """Does what the job does, batch after batch, until nothing is left."""

    def __init__(self, clinic: Clinic) -> None:
        super().__init__()
        self._clinic = clinic
        self.released = 0
        self.seconds = 0.0

    def run(self) -> None:
        """Sweep."""
        began = time.perf_counter()
        with self._clinic.connected() as connection:
            while True:
                found = connection.execute(_SWEEP.encode(), [BATCH]).fetchone()
                if found is None or found[0] == 0:
                    break
                self.released += found[0]
        self.seconds = time.perf_counter() - began


def _hold(clinic: Clinic, messages: list[bytes]) -> Outcome:
    return send_steadily(Load(clinic.api_url, messages), RATE).expect(HTTP_OK)


def _stall(when: str, outcome: Outcome, promise: Promise | None = None) -> list[Figure]:
    return [
        Figure(f"hold_slot {when}, median", (outcome.milliseconds(0.5),), "ms"),
        Figure(f"hold_slot {when}, 99 %", (outcome.milliseconds(0.99),), "ms", promise),
        Figure(f"hold_slot {when}, slowest", (outcome.milliseconds(1),), "ms"),
    ]
