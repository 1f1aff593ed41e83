"""What counts as a kept promise, and how figures are compared."""

import pytest

from bench.figures import (
    Figure,
    Promise,
    Report,
    at_least,
    at_most,
    exactly,
    percentile,
    ratio,
)


def test_a_promise_is_about_the_median_of_the_rounds() -> None:
    assert Figure("rate", (1, 80, 90), "/s", at_least(70)).holds
    assert not Figure("rate", (60, 65, 900), "/s", at_least(70)).holds


def test_a_figure_without_a_promise_holds() -> None:
    assert Figure("rate", (0,)).holds


@pytest.mark.parametrize(
    ("promise", "value", "kept"),
    [
        (at_least(5), 5, True),
        (at_most(5), 5, True),
        (at_most(5), 5.1, False),
        (exactly(0), 0, True),
        (exactly(0), 1, False),
    ],
)
def test_bounds_belong_to_a_promise(promise: Promise, value: float, kept: bool) -> None:
    assert promise.kept_by(value) is kept


def test_a_ratio_is_taken_round_by_round() -> None:
    fast, slow = Figure("a", (10, 40)), Figure("b", (20, 50))
    assert ratio("a of b", fast, slow).samples == (50, 80)


def test_figures_of_different_rounds_are_not_compared() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio("a of b", Figure("a", (10, 40)), Figure("b", (20,)))


def test_a_percentile_is_a_value_that_occurred() -> None:
    values = [float(value) for value in range(1, 101)]
    assert percentile(values, 0.5) == 51
    assert percentile(values, 1) == 100


def test_one_broken_promise_breaks_the_report() -> None:
    kept, broken = Figure("a", (1,), "", exactly(1)), Figure("b", (1,), "", exactly(0))
    assert Report([kept]).holds
    assert not Report([kept, broken]).holds
