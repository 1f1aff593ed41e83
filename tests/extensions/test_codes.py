"""What a gateway's code says about the money."""

import pytest

from api_extensions.payments.codes import outcome_of_verify
from api_extensions.payments.gateway import Outcome


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (100, Outcome.PAID),
        (101, Outcome.PAID),
        (-51, Outcome.NOT_PAID),
        (-54, Outcome.NOT_PAID),
        (-50, Outcome.MISCONFIGURED),
        (-10, Outcome.MISCONFIGURED),
        (-12, Outcome.UNKNOWN),
        (-52, Outcome.UNKNOWN),
        (0, Outcome.UNKNOWN),
        (None, Outcome.UNKNOWN),
    ],
)
def test_a_code_proves_what_is_documented_and_nothing_else(
    code: int | None, outcome: Outcome
) -> None:
    assert outcome_of_verify(code) is outcome
