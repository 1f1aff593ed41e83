"""Pauses between tries."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from api_extensions import backoff
from api_extensions.sms.outcomes import MAX_ATTEMPTS, retry_delay


@given(attempt=st.integers(1, 10_000), base=st.floats(0.01, 60))
def test_a_pause_doubles_with_jitter_up_to_its_cap(attempt: int, base: float) -> None:
    ceiling = min(3600, base * 2.0 ** min(attempt - 1, 32))
    assert ceiling / 2 <= backoff.delay(attempt, base=base, cap=3600) <= ceiling


def test_those_who_fail_together_do_not_return_together() -> None:
    assert len({backoff.delay(3, base=1, cap=60) for _ in range(50)}) > 40


def test_a_message_waits_longer_after_every_failure() -> None:
    assert retry_delay(1) <= timedelta(seconds=5)
    assert retry_delay(8) >= timedelta(minutes=5)
    assert retry_delay(MAX_ATTEMPTS) <= timedelta(hours=1)
