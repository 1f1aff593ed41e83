"""What becomes of a message that was not sent: the one place where that is decided."""

from datetime import timedelta
from enum import StrEnum

from api_extensions import backoff
from api_extensions.settings import UnknownPolicy
from api_extensions.sms.provider import FailureKind, NotSent

# How long a claim holds; longer than the longest question to a provider.
LEASE = timedelta(seconds=60)
# First and longest pause (seconds) before a retry, and how many tries a message gets:
# with these a provider may be down for about six hours. Kavenegar can be asked about a
# localid for twelve.
RETRY_BASE, RETRY_CAP, MAX_ATTEMPTS = 5.0, 3600.0, 15


class Fate(StrEnum):
    """What to do with a message."""

    RETRY = "RETRY"
    RENUMBER = "RENUMBER"
    PAUSE = "PAUSE"
    FAIL = "FAIL"


def fate_of(
    failure: NotSent, *, attempts: int, is_repeatable: bool, unknown: UnknownPolicy
) -> Fate:
    """Decide what to do after a failure.

    Args:
        failure: why the message was not sent.
        attempts: how often it was tried, this time included.
        is_repeatable: whether the provider never sends a message twice.
        unknown: what to do when it does, and may have sent this one.
    """
    is_ambiguous = failure.kind is FailureKind.UNKNOWN and not is_repeatable
    if failure.kind is FailureKind.PERMANENT or attempts >= MAX_ATTEMPTS:
        return Fate.FAIL
    if is_ambiguous and unknown is UnknownPolicy.FAIL:
        return Fate.FAIL
    if failure.kind is FailureKind.CONFIGURATION:
        return Fate.PAUSE
    if failure.kind is FailureKind.NUMBER_TAKEN:
        return Fate.RENUMBER
    return Fate.RETRY


def retry_delay(attempts: int) -> timedelta:
    """Give the pause before the next try of a message."""
    seconds = backoff.delay(attempts, base=RETRY_BASE, cap=RETRY_CAP)
    return timedelta(seconds=seconds)
