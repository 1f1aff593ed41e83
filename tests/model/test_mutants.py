"""The machine can fail: it finds each of these bugs, which somebody might make."""

import re
from dataclasses import dataclass

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.model.everything import SEARCH, machine_on
from tests.model.system import System
from tests.support.database import value


@dataclass(frozen=True)
class Mutant:
    """Something that went missing.

    Attributes:
        functions: that have lost a part of their bodies.
        lost: the part.
        instead: what stands there now.
        symptom: how the machine must notice: anything else would be another bug.
    """

    functions: tuple[str, ...]
    lost: str
    instead: str
    symptom: str


MUTANTS = {
    # Both the job and the function that it calls look at the time.
    "holds that end before their time": Mutant(
        ("app.release_expired_holds", "app.release_lapsed_holds"),
        "and a.hold_expires_at <= (select clock_timestamp())",
        "",
        "holds:release-expired changed",
    ),
    "money that nobody gives back": Mutant(
        ("app.settle_paid",),
        "perform app.refund_unusable(payment, v_consultation);",
        "",
        "'rule': 'G4'",
    ),
    "a change of slot while paying": Mutant(
        ("app.require_holdable",),
        "(app.open_payment(consultation.id)).id is not null",
        "false",
        "instead of {'PAYMENT_IN_PROGRESS'}",
    ),
    "more appointments than doctors": Mutant(
        ("app.free_lane",),
        "v_taken >= v_doctors",
        "v_taken >= slot.capacity",
        "None instead of {'SLOT_FULL'}",
    ),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS.keys())
def test_the_machine_finds(system: System, mutant: Mutant) -> None:
    for function in mutant.functions:
        query = "select pg_get_functiondef(to_regproc(%(name)s))"
        definition = value(system.conn, query, name=function)
        assert mutant.lost in definition, f"{function} is another: lose something else"
        broken = definition.replace(mutant.lost, mutant.instead)
        system.conn.execute(broken.encode())
    with pytest.raises(AssertionError, match=re.escape(mutant.symptom)):
        run_state_machine_as_test(machine_on(system), settings=SEARCH)
