"""hold_slot against the least that PostgREST can do; what each part spends."""

from collections.abc import Callable

from bench.cpu import MILLISECONDS_PER_TICK, ticks_used
from bench.figures import Chart, Figure, Report, at_least, ratio
from bench.holds import holds_of
from bench.load import Load, Outcome, request, send
from bench.rounds import ROUNDS, in_turns
from bench.stage import Clinic, Stage

EACH, CONNECTIONS = 1_000, 16
HTTP_OK, NO_CONTENT = 200, 204


class Spending:
    """What the parts spent on each kind of request, over all rounds."""

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic
        self.milliseconds: dict[str, dict[str, float]] = {}

    def watched(self, name: str, send_load: Callable[[], Outcome]) -> float:
        """Send a load, note what it cost, and return its rate."""
        before = ticks_used(self._clinic.run_dir)
        outcome = send_load().expect(HTTP_OK, NO_CONTENT)
        spent = ticks_used(self._clinic.run_dir) - before
        answers = len(outcome.latencies)
        self.milliseconds[name] = {
            part: ticks * MILLISECONDS_PER_TICK / answers
            for part, ticks in sorted(spent.items())
        }
        return outcome.rate


def measure(stage: Stage) -> Report:
    """Hold, insert and do nothing in turns, through the same PostgREST."""
    clinic = stage.system
    holds, spending = holds_of(clinic), Spending(clinic)
    owners = clinic.owners(EACH)
    # Made before the first round: to make people is no part of what a hold costs.
    rounds = iter([holds.take(EACH) for _ in range(ROUNDS + 1)])

    def hold() -> Outcome:
        return send(Load(clinic.api_url, next(rounds), CONNECTIONS))

    def call(function: str) -> Outcome:
        path = f"/rest/v1/rpc/{function}"
        messages = [request("POST", path, o.token, b"{}") for o in owners]
        return send(Load(clinic.api_url, messages * 2, CONNECTIONS))

    taken = in_turns(
        {
            "hold_slot": lambda: spending.watched("hold_slot", hold),
            "insert": lambda: spending.watched("insert", lambda: call("bench_insert")),
            "nothing": lambda: spending.watched(
                "nothing", lambda: call("bench_nothing")
            ),
        }
    )
    held = Figure("hold_slot", taken["hold_slot"], "/s")
    inserted = Figure("a function that inserts one row", taken["insert"], "/s")
    nothing = Figure("a function that does nothing", taken["nothing"], "/s")
    return Report(
        [
            held,
            inserted,
            nothing,
            ratio("hold_slot against one insert", held, inserted, at_least(70)),
            ratio("hold_slot against nothing", held, nothing),
            *_costs(spending),
        ],
        [_chart(spending)],
    )


def _costs(spending: Spending) -> list[Figure]:
    return [
        Figure(f"processor time of {part} for {name}", (spent,), "ms")
        for name, parts in spending.milliseconds.items()
        for part, spent in parts.items()
    ]


def _chart(spending: Spending) -> Chart:
    parts = sorted({part for each in spending.milliseconds.values() for part in each})
    return Chart(
        "cost",
        "",
        "processor time a request, ms",
        {
            part: [
                (name, each.get(part, 0))
                for name, each in spending.milliseconds.items()
            ]
            for part in parts
        },
    )
