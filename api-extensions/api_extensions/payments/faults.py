"""A hook for tests: dies, as by kill -9, where settling a payment can be interrupted.

SETTLE_FAULT names the point; production refuses the setting. Unarmed, `reach` does
nothing.
"""

import os
import signal
from enum import StrEnum


class FaultPoint(StrEnum):
    """Places in a settlement, in their order."""

    BEFORE_LEASE = "before-lease"
    LEASE_UNCOMMITTED = "lease-uncommitted"
    LEASE_TAKEN = "lease-taken"
    BEFORE_INQUIRY = "before-inquiry"
    BEFORE_VERIFY = "before-verify"
    AFTER_VERIFY = "after-verify"
    BEFORE_RECORD = "before-record"
    RECORD_BEGUN = "record-begun"
    RECORD_UNCOMMITTED = "record-uncommitted"
    RECORDED = "recorded"
    BEFORE_ANSWER = "before-answer"


_armed: FaultPoint | None = None


def arm(point: FaultPoint | None) -> None:
    """Die at this point from now on; at none by default."""
    global _armed  # noqa: PLW0603  # one process, one death
    _armed = point


def reach(point: FaultPoint) -> None:
    """Say that a settlement has come this far."""
    if point is _armed:
        os.kill(os.getpid(), signal.SIGKILL)
