"""The machine can fail: it finds each of these bugs, which somebody might make."""

from dataclasses import dataclass

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.model.everything import SEARCH, machine_on
from tests.model.system import System
from tests.support.database import value


@dataclass(frozen=True)
class Mutant:
    """A function that lost a part of its body."""

    function: str
    lost: str
    instead: str = ""


MUTANTS = {
    "holds that end before their time": Mutant(
        "app.release_lapsed_holds", "and a.hold_expires_at <= clock_timestamp()"
    ),
    "money that nobody gives back": Mutant(
        "app.settle_paid", "perform app.refund_unusable(payment, v_consultation);"
    ),
    "a change of slot while paying": Mutant(
        "app.require_holdable",
        "(app.open_payment(consultation.id)).id is not null",
        "false",
    ),
    "more appointments than doctors": Mutant(
        "app.free_lane", "v_taken >= v_doctors", "v_taken >= slot.capacity"
    ),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS.keys())
def test_the_machine_finds(system: System, mutant: Mutant) -> None:
    definition = value(
        system.conn,
        "select pg_get_functiondef(to_regproc(%(name)s))",
        name=mutant.function,
    )
    assert mutant.lost in definition, "the function has changed: lose something else"
    broken = definition.replace(mutant.lost, mutant.instead)
    system.conn.execute(broken.encode())
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine_on(system), settings=SEARCH)
