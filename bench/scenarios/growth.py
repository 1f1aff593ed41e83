"""The hot calls, from a thousand to a million calls of the past.

A young system answers beside the growing one, in turns: what is compared is what the
past costs, and not what else the machine is doing at that hour.
"""

import functools
import statistics
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bench.figures import Chart, Figure, Report, at_most
from bench.holds import holds_of
from bench.load import Load, request, send
from bench.rounds import in_turns
from bench.stage import GROWN, YOUNG, Clinic, Stage

SIZES = (YOUNG, 10_000, 100_000, GROWN)
OWNERS, ROUNDS, FEW_ROUNDS = 100, 5, 2
HTTP_OK = 200
_MS = 1000
# The contract's own words (spec: not more than 1.2 times slower).
SLOWER = 1.2
_PROMISED = {"availability of 30 days", "own consultations"}


def measure(stage: Stage) -> Report:
    """Measure each hot call at each size, and compare with the young system."""
    young = _calls(stage.system)
    slower: dict[str, list[tuple[float | str, float]]] = {name: [] for name in young}
    taken: dict[str, list[tuple[float | str, float]]] = {name: [] for name in young}
    figures: list[Figure] = []
    for size in SIZES:
        stage.growing.grow(size)
        grown = _calls(stage.growing)
        rounds = ROUNDS if size == GROWN else FEW_ROUNDS
        for name, call in young.items():
            both = in_turns({"young": call, "grown": grown[name]}, rounds)
            figure = _slower(name, both, size)
            slower[name].append((size, figure.median))
            taken[name].append((size, statistics.median(both["grown"])))
            if size == GROWN:
                figures += [
                    Figure(f"{name}, {YOUNG:,} calls", both["young"], "ms"),
                    Figure(f"{name}, {size:,} calls", both["grown"], "ms"),
                    figure,
                ]
    return Report(
        figures,
        [Chart("growth", "calls of the past", "one answer, ms", taken, is_log=True)],
    )


def _slower(name: str, both: dict[str, tuple[float, ...]], size: int) -> Figure:
    pairs = zip(both["grown"], both["young"], strict=True)
    promise = at_most(SLOWER) if name in _PROMISED else None
    samples = tuple(grown / young for grown, young in pairs)
    return Figure(f"{name}, {size:,} against {YOUNG:,}", samples, "×", promise)


def _calls(clinic: Clinic) -> dict[str, Callable[[], float]]:
    """Return the hot calls; each gives the median of its answers in milliseconds."""
    owners, holds = clinic.old_owners(OWNERS), holds_of(clinic)
    today = datetime.now(UTC).date()
    month = f"from={today}&to={today + timedelta(days=29)}"
    reads = {
        "availability of 30 days": f"/availability?{month}",
        "own consultations": "/consultations",
        "one consultation": "/consultations/{}",
        "own notifications": "/notifications",
    }

    def read(path: str) -> float:
        messages = [
            request("GET", f"/api/v1{path.format(o.consultation_id)}", o.token)
            for o in owners
        ]
        return _median(clinic, messages)

    return {
        **{name: functools.partial(read, path) for name, path in reads.items()},
        "hold_slot": lambda: _median(clinic, holds.take(OWNERS, in_contract=True)),
    }


def _median(clinic: Clinic, messages: list[bytes]) -> float:
    outcome = send(Load(clinic.api_url, messages, connections=1))
    return outcome.expect(HTTP_OK).milliseconds(0.5)
