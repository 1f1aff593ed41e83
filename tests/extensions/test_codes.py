"""What a gateway's code says about the money."""

import pytest

from api_extensions.payments.codes import outcome_of
from api_extensions.payments.gateway import Outcome


@pytest.mark.parametrize("code", [100, 101])
def test_both_success_codes_are_paid(code: int) -> None:
    assert outcome_of(code) is Outcome.PAID


def test_only_one_code_says_not_paid() -> None:
    said = {code for code in range(-200, 500) if outcome_of(code) is Outcome.NOT_PAID}
    assert said == {-51}


@pytest.mark.parametrize("code", [-9, -10, -11, -14, -15, -19, -41, -50, -53, -54, -55])
def test_a_refusal_of_ourselves_says_nothing_about_the_money(code: int) -> None:
    assert outcome_of(code) is Outcome.MISCONFIGURED


@pytest.mark.parametrize("code", [-12, -52, -99, 0, 429, None])
def test_everything_else_is_unknown(code: int | None) -> None:
    assert outcome_of(code) is Outcome.UNKNOWN
