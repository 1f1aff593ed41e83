"""How far hold_slot could come at all: its writes alone, against one insert."""

from collections.abc import Callable

from bench.figures import Figure, Report, ratio
from bench.holds import holds_of
from bench.load import Load, request, send
from bench.rounds import ROUNDS, in_turns
from bench.stage import Clinic, Stage

EACH = 1_000
HTTP_OK = 200
_NOTHING_GUARDED = """
alter table app.appointments disable trigger user;
alter table app.consultations disable trigger user;
"""
_STATES_GUARDED = f"""
{_NOTHING_GUARDED}
alter table app.appointments enable trigger appointments_500_first_state;
alter table app.consultations enable trigger consultations_510_transition;
"""


def measure(_: Stage) -> Report:
    """Write and insert in turns, on systems of its own: they break every rule."""
    with Stage() as stage, Stage() as guarded_stage:
        taken = in_turns(
            {
                "bare": _bare_holds(stage.system, _NOTHING_GUARDED),
                "insert": _inserts(stage.system),
                "guarded": _bare_holds(guarded_stage.system, _STATES_GUARDED),
            }
        )
    bare = Figure("the writes of a hold, without rules", taken["bare"], "/s")
    guarded = Figure("with the guard of states and its log", taken["guarded"], "/s")
    inserted = Figure("a function that inserts one row", taken["insert"], "/s")
    return Report(
        [
            bare,
            guarded,
            inserted,
            ratio("the writes of a hold against one insert", bare, inserted),
            ratio("with the guard and its log against one insert", guarded, inserted),
        ]
    )


def _bare_holds(clinic: Clinic, triggers: str) -> Callable[[], float]:
    # Made before the triggers go, and before the first round.
    rounds = iter([holds_of(clinic).take(EACH) for _ in range(ROUNDS + 1)])
    clinic.run(triggers)

    def rate() -> float:
        bare = [
            hold.replace(b"/hold_slot ", b"/bench_bare_hold ", 1)
            for hold in next(rounds)
        ]
        return send(Load(clinic.api_url, bare)).expect(HTTP_OK).rate

    return rate


def _inserts(clinic: Clinic) -> Callable[[], float]:
    # The triggers may be off by now: nobody is made anew.
    messages = [
        request("POST", "/rest/v1/rpc/bench_insert", owner.token, b"{}")
        for owner in clinic.old_owners(EACH)
    ]
    return lambda: send(Load(clinic.api_url, messages * 2)).expect(HTTP_OK).rate
