"""What can go wrong at the bank, for one call, for one session, or from now on."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a call goes wrong. Before: nothing has happened. After: all of it has."""

    TIMEOUT_BEFORE = "timeout-before"
    TIMEOUT_AFTER = "timeout-after"
    DROP_BEFORE = "drop-before"
    DROP_AFTER = "drop-after"
    SERVER_ERROR = "server-error"
    HTML = "html"
    CODE = "code"
    SLOW = "slow"
    WRONG_AMOUNT = "wrong-amount"
    # Of the payer's way back, which is the operation `callback`.
    NEVER = "never"
    TWICE = "twice"
    LATE = "late"
    FORGED = "forged"


@dataclass
class Fault:
    """A fault that waits for its call.

    Attributes:
        operation: request, verify, inquiry, unVerified, reverse or callback.
        kind: what happens.
        authority: for this session alone; None for any.
        count: how many calls it meets.
        value: the code of CODE; the seconds of SLOW and LATE.
    """

    operation: str
    kind: Kind
    authority: str | None = None
    count: int = 1
    value: float = 0


class Faults:
    """Those that wait, the earliest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let a fault wait for its call."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Forget all of them."""
        self._waiting.clear()

    def take(self, operation: str, authority: object = None) -> Fault | None:
        """Give the fault that meets this call, if any."""
        for fault in self._waiting:
            if fault.operation == operation and fault.authority in (None, authority):
                fault.count -= 1
                if fault.count <= 0:
                    self._waiting.remove(fault)
                return fault
        return None
