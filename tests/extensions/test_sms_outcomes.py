"""What becomes of a message that was not sent."""

import pytest

from api_extensions.settings import UnknownPolicy
from api_extensions.sms.outcomes import MAX_ATTEMPTS, Fate, fate_of
from api_extensions.sms.provider import FailureKind, NotSent

RETRY, FAIL = UnknownPolicy.RETRY, UnknownPolicy.FAIL


@pytest.mark.parametrize(
    ("kind", "is_repeatable", "unknown", "fate"),
    [
        (FailureKind.PERMANENT, True, RETRY, Fate.FAIL),
        (FailureKind.TRANSIENT, False, FAIL, Fate.RETRY),
        (FailureKind.CONFIGURATION, False, FAIL, Fate.PAUSE),
        (FailureKind.NUMBER_TAKEN, True, RETRY, Fate.RENUMBER),
        (FailureKind.UNKNOWN, True, FAIL, Fate.RETRY),
        (FailureKind.UNKNOWN, False, RETRY, Fate.RETRY),
        (FailureKind.UNKNOWN, False, FAIL, Fate.FAIL),
    ],
)
def test_each_failure_has_its_fate(
    kind: FailureKind, is_repeatable: bool, unknown: UnknownPolicy, fate: Fate
) -> None:
    failure = NotSent(kind, "why")
    assert fate == fate_of(
        failure, attempts=1, is_repeatable=is_repeatable, unknown=unknown
    )


@pytest.mark.parametrize("kind", FailureKind)
def test_too_many_tries_end_a_message_whatever_the_reason(kind: FailureKind) -> None:
    failure = NotSent(kind, "why")
    assert Fate.FAIL is fate_of(
        failure, attempts=MAX_ATTEMPTS, is_repeatable=True, unknown=RETRY
    )
