"""How far hold_slot could come at all: its writes alone, against one insert."""

from bench.figures import Figure, Report, ratio
from bench.holds import holds_of
from bench.load import Load, request, send
from bench.rounds import ROUNDS, in_turns
from bench.stage import Stage

EACH = 1_000
HTTP_OK = 200
_NOTHING_IS_GUARDED = """
alter table app.appointments disable trigger user;
alter table app.consultations disable trigger user;
"""


def measure(_: Stage) -> Report:
    """Write and insert in turns, on a system of its own: it breaks every rule."""
    with Stage() as stage:
        clinic = stage.system
        holds = [holds_of(clinic).take(EACH) for _ in range(ROUNDS + 1)]
        rounds = iter([[_bare(message) for message in each] for each in holds])
        inserts = [
            request("POST", "/rest/v1/rpc/bench_insert", owner.token, b"{}")
            for owner in clinic.owners(EACH)
        ]
        clinic.run(_NOTHING_IS_GUARDED)

        def rate(messages: list[bytes]) -> float:
            return send(Load(clinic.api_url, messages)).expect(HTTP_OK).rate

        taken = in_turns(
            {
                "bare": lambda: rate(next(rounds)),
                "insert": lambda: rate(inserts * 2),
            }
        )
    bare = Figure("the writes of a hold, without rules", taken["bare"], "/s")
    inserted = Figure("a function that inserts one row", taken["insert"], "/s")
    return Report(
        [
            bare,
            inserted,
            ratio("the writes of a hold against one insert", bare, inserted),
        ]
    )


def _bare(hold: bytes) -> bytes:
    return hold.replace(b"/hold_slot ", b"/bench_bare_hold ", 1)
